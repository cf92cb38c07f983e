namespace DyLoraMoe.Api.Resources;

/// <summary>Weights in the store.</summary>
public sealed record ArtifactStatus
{
    /// <summary>Where they are.</summary>
    public string? Uri { get; set; }

    /// <summary>Their digest.</summary>
    public string? Digest { get; set; }

    /// <summary>Their size.</summary>
    public long? SizeBytes { get; set; }

    /// <summary>1 for the first, one more with every change.</summary>
    public int? Version { get; set; }

    /// <summary>Digest of the backbone that they act on, where that has grown; none where it is what the Backbone's source holds.</summary>
    public string? Backbone { get; set; }
}
