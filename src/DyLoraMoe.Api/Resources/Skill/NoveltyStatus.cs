using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>What was decided about the data, and on which evidence.</summary>
public sealed record NoveltyStatus
{
    /// <summary>Novel, Extends, Covered or InsufficientData.</summary>
    [EnumValues(NoveltyDecisions.Novel, NoveltyDecisions.Extends, NoveltyDecisions.Covered, NoveltyDecisions.InsufficientData)]
    public string? Decision { get; set; }

    /// <summary>How likely the data would look as they do if they belonged to the nearest skill, by all signals together: a number as text.</summary>
    public string? PValue { get; set; }

    /// <summary>The same for each signal alone.</summary>
    [Items(0, 16)]
    [XListType(XListType.Map)]
    [XListMapKeys("name")]
    public IList<NoveltySignal>? Signals { get; set; }

    /// <summary>The expert whose skill is nearest.</summary>
    public string? NearestExpert { get; set; }

    /// <summary>The skill that is nearest.</summary>
    public string? NearestSkill { get; set; }

    /// <summary>How far ahead of a new expert the nearest one is after a few steps, in percent of what there is to learn.</summary>
    public int? HeadStartPercent { get; set; }

    /// <summary>The expert whose weights a new one starts from, since that is ahead of nothing after the same few steps; the other expert stays as it is.</summary>
    public string? StartFrom { get; set; }

    /// <summary>The Backbone's novelty.leastSamples when there was InsufficientData: it is decided again once that is another.</summary>
    public int? LeastSamples { get; set; }

    /// <summary>The decision in a sentence.</summary>
    [Length(0, 1024)]
    public string? Message { get; set; }
}
