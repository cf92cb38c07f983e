namespace KubeOps.Abstractions.Entities;

/// <summary>How a kind is named in paths and manifests.</summary>
/// <param name="Kind">The kind, for instance Deployment.</param>
/// <param name="Version">The version, for instance v1.</param>
/// <param name="Group">The API group; null or empty for the core group.</param>
/// <param name="Plural">The plural; null stands for the kind with an s.</param>
public record EntityMetadata(string Kind, string Version, string? Group = null, string? Plural = null)
{
    /// <summary>The kind of a list of such objects.</summary>
    public string ListKind => Kind + "List";

    /// <summary>The singular, in lower case.</summary>
    public string SingularName => Kind.ToLowerInvariant();

    /// <summary>The plural, in lower case.</summary>
    public string PluralName => Plural is null ? SingularName + "s" : Plural.ToLowerInvariant();

    /// <summary>The apiVersion of such objects.</summary>
    public string GroupWithVersion => string.IsNullOrEmpty(Group) ? Version : $"{Group}/{Version}";
}
