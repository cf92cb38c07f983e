using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Schemas;
using DyLoraMoe.Sandbox.Tables;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>Where the scale subresource finds its values in a custom resource.</summary>
internal sealed record ScalePaths(string SpecReplicas, string StatusReplicas, string LabelSelector);

/// <summary>One kind in one version, as the server serves it.</summary>
internal sealed class ResourceKind
{
    internal static readonly string[] AllVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    /// <summary>The API group; empty for the core group.</summary>
    public required string Group { get; init; }

    /// <summary>The version.</summary>
    public required string Version { get; init; }

    /// <summary>The kind.</summary>
    public required string Kind { get; init; }

    /// <summary>The name in paths.</summary>
    public required string Plural { get; init; }

    /// <summary>The name of one.</summary>
    public string Singular { get => field ?? Kind.ToLowerInvariant(); init; }

    /// <summary>The kind of a list.</summary>
    public string ListKind { get => field ?? Kind + "List"; init; }

    /// <summary>Whether objects live in namespaces.</summary>
    public bool Namespaced { get; init; } = true;

    /// <summary>Names that people type.</summary>
    public IReadOnlyList<string> ShortNames { get; init; } = [];

    /// <summary>Groups of kinds, such as <c>all</c>.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>The shape of an object.</summary>
    public required Schema Schema { get; init; }

    /// <summary>Whether status is written through its own path.</summary>
    public bool HasStatus { get; init; }

    /// <summary>Where the scale subresource looks, or null when there is none.</summary>
    public ScalePaths? Scale { get; init; }

    /// <summary>The rules of the kind beyond its schema.</summary>
    public KindRules Rules { get; init; } = KindRules.None;

    /// <summary>The columns of a table.</summary>
    public required IReadOnlyList<Column> Columns { get; init; }

    /// <summary>Whether this comes from a CustomResourceDefinition.</summary>
    public bool IsCustom { get; init; }

    /// <summary>The version in which a custom resource is stored; the same as <see cref="Version"/> for built-ins.</summary>
    public string StorageVersion { get => field ?? Version; init; }

    /// <summary>The collection in the store. Kinds that are two views of the same objects share one.</summary>
    public string Collection { get => field ?? $"{Group}/{Plural}"; init; }

    /// <summary>Whether a PUT may go without the version that it replaces.</summary>
    public bool UpdatesBlindly { get => !IsCustom && field; init; } = true;

    /// <summary>Which verbs the kind has.</summary>
    public IReadOnlyList<string> Verbs { get; init; } = AllVerbs;

    /// <summary>Fields that a field selector may name, besides metadata.name and metadata.namespace.</summary>
    public IReadOnlyList<string> SelectableFields { get; init; } = [];

    /// <summary>group/version, or the version alone in the core group.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>Translates an object from the stored version to this one; null when only apiVersion and kind differ.</summary>
    public Func<JsonObject, JsonObject>? FromStored { get; init; }

    /// <summary>Translates an object from this version to the stored one; null when only apiVersion and kind differ.</summary>
    public Func<JsonObject, JsonObject>? ToStored { get; init; }

    /// <summary>The apiVersion under which objects are stored.</summary>
    public string StoredApiVersion { get => field ?? (Group.Length == 0 ? StorageVersion : $"{Group}/{StorageVersion}"); init; }
}
