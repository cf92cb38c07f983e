using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>Samples that the model makes up from what its experts know; they are added to real data and never take their place.</summary>
public sealed record DreamPolicy
{
    /// <summary>Dreams tried for an expert in a run. Most of them are not kept.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(10_000)]
    [DefaultValue(64)]
    public int Count { get; set; } = 64;

    /// <summary>Answers that the model gives to each dream. What more of them say than say anything else may be kept, unless all do.</summary>
    [RangeMinimum(3)]
    [RangeMaximum(64)]
    [DefaultValue(4)]
    public int Candidates { get; set; } = 4;

    /// <summary>Most of a run's tokens, in percent, that are dreams; the rest is what the experts' Skills hold.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(50)]
    [DefaultValue(20)]
    public int SharePercent { get; set; } = 20;

    /// <summary>What answers of Skills are like. A dream in the wording of a Skill that has a rule is dropped when it breaks it; the others are not judged by rules.</summary>
    [Items(1, Bounds.Night)]
    [XListType(XListType.Map)]
    [XListMapKeys("skill")]
    public IList<DreamRule>? Rules { get; set; }

    /// <summary>Another model that judges what was dreamt. It is shown dreams and a few samples of the experts' Skills. Nobody but the expert judges when it is left out.</summary>
    public DreamJudge? Judge { get; set; }
}
