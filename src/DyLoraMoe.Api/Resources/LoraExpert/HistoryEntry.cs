using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>One version of an expert.</summary>
public sealed record HistoryEntry
{
    /// <summary>When it came to be.</summary>
    [Required]
    public DateTimeOffset Time { get; set; }

    /// <summary>1 for the first, one more with every change.</summary>
    [Required]
    public int Version { get; set; }

    /// <summary>Digest of its weights.</summary>
    [Required]
    public string Digest { get; set; } = "";

    /// <summary>Why it was made: Seeded, Consolidated (by more data or in a night), Imported, or Migrated (to another backbone).</summary>
    [Length(0, 128)]
    public string? Reason { get; set; }

    /// <summary>Digest of the recipe that it was trained by. A version that comes to nothing is trained again once the recipe is another.</summary>
    public string? Recipe { get; set; }
}
