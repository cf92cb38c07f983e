using System.Globalization;
using System.Text.Json.Serialization;

namespace DyLoraMoe.Core.Lifecycle;

/// <summary>
/// How much an expert's knowledge helps with new data: after the same few steps from the expert and from nothing, the share of all
/// there is to gain that the expert is ahead by. The same skill in other words looks new by its prompts and is learnt almost at once by
/// the expert that has it; another skill in the same form is not.
/// </summary>
/// <param name="Expert">The expert.</param>
/// <param name="BackboneLoss">Held-out loss of the bare backbone on the new data, nats per token.</param>
/// <param name="FreshLoss">After a probe from nothing.</param>
/// <param name="WarmLoss">After a probe from the expert.</param>
/// <param name="OwnLoss">The expert's held-out loss on its own skill: what there is to reach.</param>
/// <param name="FrequencyLoss">By how often each of the new data's own tokens follows which, and nothing else; null where that was not asked.</param>
public sealed record HeadStart(string Expert, double BackboneLoss, double FreshLoss, double WarmLoss, double OwnLoss,
    [property: JsonPropertyName("unigram_loss"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? FrequencyLoss = null)
{
    /// <summary>
    /// <c>(L_fresh − L_warm) / (L_backbone − L_own)</c>, or the same with all losses capped at the frequencies' where that is less: an expert that is ahead
    /// only in which tokens occur, and which follow which, does not know the skill. 0 where there is nothing to gain.
    /// </summary>
    public double Share => Math.Min(ShareBelow(double.PositiveInfinity), ShareBelow(FrequencyLoss ?? double.PositiveInfinity));

    /// <summary>For people.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"after a probe from expert '{Expert}' {WarmLoss:0.0000} nats/token are left, from nothing {FreshLoss:0.0000} (backbone {BackboneLoss:0.0000}{(FrequencyLoss is { } frequency ? string.Create(CultureInfo.InvariantCulture, $", frequencies {frequency:0.0000}") : "")}): a head start of {100 * Share:0} %");

    private double ShareBelow(double cap) =>
        Math.Min(BackboneLoss, cap) is var most && most > OwnLoss ? (Math.Min(FreshLoss, cap) - Math.Min(WarmLoss, cap)) / (most - OwnLoss) : 0;
}
