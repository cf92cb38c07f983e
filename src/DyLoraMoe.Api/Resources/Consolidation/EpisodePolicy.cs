using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>Episodes of the Backbone's memory that an expert learns by heart. Those of single users stay what they are: weights answer everybody.</summary>
public sealed record EpisodePolicy
{
    /// <summary>The LoraExpert that learns them: the one that such questions are routed to. It must be among the experts to consolidate; where it takes no part in a run, the condition Consolidated says why.</summary>
    [Required]
    [Length(1, Bounds.NameLength)]
    [Pattern(Patterns.ResourceName)]
    public string Expert { get; set; } = "";

    /// <summary>
    /// The least score of an episode that is learnt: its surprise in nats per token, times 1 + log2 of how often it was told and used, times a factor from 0 to 1 that
    /// is a half once the answer has been the same for a day. A number as text.
    /// </summary>
    [Length(1, Bounds.NumberLength)]
    [Pattern(Patterns.DecimalNumber)]
    [DefaultValue("0.5")]
    public string LeastScore { get; set; } = "0.5";

    /// <summary>Most episodes of a run; those with the highest scores go first.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(4096)]
    [DefaultValue(256)]
    public int MaxEpisodes { get; set; } = 256;
}
