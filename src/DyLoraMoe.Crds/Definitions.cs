using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Resources;
using k8s;
using KubeOps.Transpiler;

namespace DyLoraMoe.Crds;

/// <summary>The custom resource definitions of dylora.dev, made from the classes of the resources.</summary>
public static class Definitions
{
    private const string Header = "# Written by `make crds` from the classes in src/DyLoraMoe.Api/Resources: change those instead.\n";

    /// <summary>The classes of all kinds.</summary>
    public static IReadOnlyList<Type> Kinds { get; } = [typeof(Backbone), typeof(Skill), typeof(LoraExpert), typeof(Consolidation), typeof(Growth)];

    /// <summary>The text of each file, by its name.</summary>
    public static IReadOnlyDictionary<string, string> Write()
    {
        using var context = ContextCreator.Create(AssemblyPaths());
        return Kinds.ToDictionary(
            kind => $"{ApiNames.Group}_{Entities.ToEntityMetadata(kind).Metadata.PluralName}.yaml",
            kind => Header + Yaml.Write(Of(context, kind)));
    }

    /// <summary>The definition of one kind, as JSON.</summary>
    /// <param name="kind">Class of the kind.</param>
    public static JsonObject Of(Type kind)
    {
        using var context = ContextCreator.Create(AssemblyPaths());
        return Of(context, kind);
    }

    private static JsonObject Of(MetadataLoadContext context, Type kind)
    {
        var definition = JsonNode.Parse(KubernetesJson.Serialize(context.Transpile(kind)))!.AsObject();
        var spec = definition["spec"]!.AsObject();
        var groups = kind.GetCustomAttributes<CategoryAttribute>().Select(category => (JsonNode)category.Name).ToArray();
        spec["names"]!["categories"] = new JsonArray(groups);
        SchemaCompletion.Complete(spec["versions"]![0]!["schema"]!["openAPIV3Schema"]!.AsObject(), kind);
        return definition;
    }

    private static IEnumerable<string> AssemblyPaths() =>
        Directory.GetFiles(AppContext.BaseDirectory, "*.dll")
            .Concat(Directory.GetFiles(RuntimeEnvironment.GetRuntimeDirectory(), "*.dll"))
            .DistinctBy(Path.GetFileName);
}
