using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>An expert that is kept out of the set, most often because a skill would get worse.</summary>
public sealed record Refusal
{
    /// <summary>The expert.</summary>
    [Required]
    public string Expert { get; set; } = "";

    /// <summary>Digest of its artifact. Another artifact is tried again.</summary>
    [Required]
    public string Digest { get; set; } = "";

    /// <summary>The set that was refused.</summary>
    public string? Revision { get; set; }

    /// <summary>The skill that would lose most.</summary>
    public string? Skill { get; set; }

    /// <summary>Why, as in conditions: <c>RegressionRefused</c>, or what else kept the set with it from being served.</summary>
    public string? Reason { get; set; }

    /// <summary>The figures.</summary>
    [Length(0, 1024)]
    public string? Message { get; set; }

    /// <summary>When it was refused.</summary>
    public DateTimeOffset? Time { get; set; }
}
