namespace DyLoraMoe.Api.Resources;

/// <summary>An expert against the bare backbone on held-out data.</summary>
public sealed record EvaluationStatus
{
    /// <summary>Loss of the bare backbone, in nats per token: a number as text.</summary>
    public string? BackboneLoss { get; set; }

    /// <summary>Loss of the expert, in nats per token: a number as text.</summary>
    public string? ExpertLoss { get; set; }

    /// <summary>How much less the expert loses, in percent.</summary>
    public int? GainPercent { get; set; }

    /// <summary>Held-out samples that were measured.</summary>
    public int? HeldOut { get; set; }
}
