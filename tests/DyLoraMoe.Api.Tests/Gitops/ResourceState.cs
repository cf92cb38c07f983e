using System.Text.Json.Nodes;
using DyLoraMoe.Testing.Resources;

namespace DyLoraMoe.Api.Tests.Gitops;

/// <summary>A state of a resource, and how the tools see it.</summary>
internal sealed record ResourceState(string Name, JsonObject Resource, string Argo, string Message, string? Flux, KStatus KStatus)
{
    public static IReadOnlyList<ResourceState> All { get; } = Load();

    private static List<ResourceState> Load()
    {
        // The reader wants one map per document.
        var rows = YamlJson.Read("rows:\n" + File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Gitops", "states.yaml"))).Single()["rows"]!.AsArray();
        return [.. rows.SelectMany(row => Kinds(row!).Select(kind => Read(kind, row!.AsObject())))];
    }

    private static IEnumerable<string> Kinds(JsonNode row) => row["kind"] is { } kind ? [kind.GetValue<string>()] : ["Backbone", "Skill", "LoraExpert", "Consolidation", "Growth"];

    private static ResourceState Read(string kind, JsonObject row)
    {
        var metadata = new JsonObject { ["name"] = "a", ["generation"] = row["generation"]!.DeepClone() };
        if (row["deleted"] is not null)
        {
            metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z";
        }

        var resource = new JsonObject
        {
            ["apiVersion"] = ApiNames.GroupVersion,
            ["kind"] = kind,
            ["metadata"] = metadata,
            ["spec"] = new JsonObject { ["suspend"] = row["suspend"]?.GetValue<bool>() ?? false },
        };
        if (row["status"] is { } status)
        {
            resource["status"] = status.DeepClone();
        }

        return new ResourceState(
            $"{kind}: {row["name"]!.GetValue<string>()}",
            resource,
            row["argo"]!.GetValue<string>(),
            row["message"]!.GetValue<string>(),
            row["flux"]?.GetValue<string>(),
            Enum.Parse<KStatus>(row["kstatus"]!.GetValue<string>()));
    }
}
