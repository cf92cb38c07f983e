using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>An expert in a run.</summary>
public sealed record ConsolidatedExpert
{
    /// <summary>The LoraExpert.</summary>
    [Required]
    [Length(1, 253)]
    public string Name { get; set; } = "";

    /// <summary>Digest of the weights that the run began with.</summary>
    [Required]
    public string From { get; set; } = "";

    /// <summary>How far it is, or what became of it.</summary>
    [EnumValues(NightStages.Pending, NightStages.Offered, NightStages.Admitted, NightStages.Refused, NightStages.Unchanged, NightStages.Superseded, NightStages.Failed)]
    [DefaultValue(NightStages.Pending)]
    public string Stage { get; set; } = NightStages.Pending;

    /// <summary>What there is to say about that: figures of a refusal, or why it failed.</summary>
    [Length(0, 1024)]
    public string? Message { get; set; }

    /// <summary>Its new weights.</summary>
    public ArtifactStatus? Artifact { get; set; }

    /// <summary>Where the new weights act: Activated or Full.</summary>
    public string? Mode { get; set; }

    /// <summary>Width of their update.</summary>
    public int? Rank { get; set; }

    /// <summary>Loss on its own held-out data before, in nats per token: a number as text.</summary>
    public string? LossBefore { get; set; }

    /// <summary>The new weights against the bare backbone.</summary>
    public EvaluationStatus? Evaluation { get; set; }

    /// <summary>Dreams that were kept and learnt from.</summary>
    public int? Dreams { get; set; }

    /// <summary>Episodes of the memory that it was asked for and knows without them before it.</summary>
    public int? Recalled { get; set; }
}

/// <summary>How far an expert of a run is.</summary>
public static class NightStages
{
    /// <summary>Its training has not ended.</summary>
    public const string Pending = "Pending";

    /// <summary>It has a new version, which waits for a set to be admitted.</summary>
    public const string Offered = "Offered";

    /// <summary>The set that is served holds its new version.</summary>
    public const string Admitted = "Admitted";

    /// <summary>With its new version an older skill would get worse.</summary>
    public const string Refused = "Refused";

    /// <summary>It did not become better; there is no new version.</summary>
    public const string Unchanged = "Unchanged";

    /// <summary>It learnt something else meanwhile, or is gone.</summary>
    public const string Superseded = "Superseded";

    /// <summary>Its training failed.</summary>
    public const string Failed = "Failed";
}
