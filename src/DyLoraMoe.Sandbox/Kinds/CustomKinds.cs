using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;
using DyLoraMoe.Sandbox.Storage;
using DyLoraMoe.Sandbox.Tables;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>The kinds that CustomResourceDefinitions define.</summary>
internal static class CustomKinds
{
    /// <summary>The collection of definitions.</summary>
    public const string Definitions = "apiextensions.k8s.io/customresourcedefinitions";

    // A definition that did not change keeps its kinds: what was worked out for their schemas stays valid.
    private static readonly ConditionalWeakTable<StoredObject, IReadOnlyList<ResourceKind>> Known = [];

    /// <summary>The catalog of the built-in kinds and those defined in a state of the cluster.</summary>
    public static KindCatalog Catalog(StoreView view) =>
        new([.. BuiltInKinds.List, .. view.List(Definitions).SelectMany(definition => Known.GetValue(definition, found => [.. Of(found.Shared)]))]);

    /// <summary>The kinds of one definition: one for each version that is served.</summary>
    public static IEnumerable<ResourceKind> Of(JsonObject definition)
    {
        JsonObject spec = definition.Map("spec") ?? [];
        string storage = spec.Items("versions").FirstOrDefault(version => version.Flag("storage") == true).Text("name") ?? "";
        foreach (JsonNode? version in spec.Items("versions"))
        {
            if (version.Flag("served") != true)
            {
                continue;
            }

            JsonObject? scale = version.Map("subresources", "scale");
            yield return new ResourceKind
            {
                Group = spec.Text("group") ?? "",
                Version = version.Text("name") ?? "",
                StorageVersion = storage,
                Kind = spec.Text("names", "kind") ?? "",
                ListKind = spec.Text("names", "listKind")!,
                Plural = spec.Text("names", "plural") ?? "",
                Singular = spec.Text("names", "singular")!,
                ShortNames = [.. spec.Texts("names", "shortNames")],
                Categories = [.. spec.Texts("names", "categories")],
                Namespaced = spec.Text("scope") == "Namespaced",
                Schema = StructuralSchema.OfResource(version.At("schema", "openAPIV3Schema")),
                HasStatus = version.Map("subresources")?.ContainsKey("status") ?? false,
                Scale = scale is null ? null : new ScalePaths(
                    scale.Text("specReplicasPath") ?? "", scale.Text("statusReplicasPath") ?? "", scale.Text("labelSelectorPath") ?? ""),
                Columns = JsonPathColumns.Of(version.Items("additionalPrinterColumns")),
                SelectableFields = [.. version.Items("selectableFields").Select(field => (field.Text("jsonPath") ?? "").TrimStart('.'))],
                IsCustom = true,
            };
        }
    }
}
