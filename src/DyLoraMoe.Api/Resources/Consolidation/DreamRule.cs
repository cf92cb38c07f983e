using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>What answers of a Skill are like.</summary>
public sealed record DreamRule
{
    /// <summary>The Skill.</summary>
    [Required]
    [Length(1, Bounds.NameLength)]
    [Pattern(Patterns.ResourceName)]
    public string Skill { get; set; } = "";

    /// <summary>
    /// A regular expression of .NET that prompt and answer together, as samples have them, match from end to end. A reference to what stands in the prompt says which
    /// answer is right, such as Echo: (.*) -> \1 for one that repeats.
    /// </summary>
    [Required]
    [Length(1, 1024)]
    public string Pattern { get; set; } = "";
}
