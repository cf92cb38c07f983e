using System.Text.Json.Nodes;
using DyLoraMoe.Crds;

namespace DyLoraMoe.Api.Tests.Crds;

/// <summary>The definitions, made once.</summary>
internal static class CrdFiles
{
    private static readonly Dictionary<string, JsonObject> _definitions = Definitions.Kinds.ToDictionary(kind => kind.Name, Definitions.Of);

    public static IEnumerable<string> Kinds => _definitions.Keys;

    public static JsonObject Definition(string kind) => _definitions[kind];

    public static JsonObject Schema(string kind) => _definitions[kind]["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!.AsObject();
}
