using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>What is wanted of a backbone.</summary>
[ValidationRule("!has(oldSelf.digest) || (has(self.digest) && self.digest == oldSelf.digest)", message: "digest is immutable once it is set: a backbone is frozen, and its experts belong to its weights")]
[ValidationRule("!has(self.novelty) || !has(self.novelty.proposals) || !has(self.serving) || !has(self.serving.apiKeysSecretRef)", message: "novelty.proposals must be left out with serving.apiKeysSecretRef: the operator has no key to ask routers for prompts with")]
public sealed record BackboneSpec
{
    /// <summary>Where the weights are: exactly one of persistentVolumeClaim, s3 and builtin.</summary>
    [Required]
    public BackboneSource Source { get; set; } = new();

    /// <summary>The digest that the weights must have. Any when it is left out; the digest that was found is in the status, and stays in force from then on.</summary>
    [Length(0, Bounds.DigestLength)]
    [Pattern(Patterns.Digest)]
    public string? Digest { get; set; }

    /// <summary>Element type that the weights are computed in: auto is bfloat16 on a GPU where they are stored in 16 bits, and float32 otherwise. Half precision is not among them, since experts are trained in what they are served in.</summary>
    [EnumValues(BackboneDtypes.Auto, BackboneDtypes.Fp32, BackboneDtypes.Bf16)]
    [DefaultValue(BackboneDtypes.Auto)]
    [ValidationRule("self == oldSelf", message: "is immutable: experts and routers are measured in it")]
    public string Dtype { get; set; } = BackboneDtypes.Auto;

    /// <summary>Most tokens of a sample, prompt and answer together. A longer one loses the left of its prompt, and the right of an answer that is too long alone. The model's own context or 2,048, the smaller, when it is left out.</summary>
    [RangeMinimum(16)]
    [RangeMaximum(1_048_576)]
    public int? Context { get; set; }

    /// <summary>Shape of new experts.</summary>
    [DefaultValue("{}", Json = true)]
    public LoraDefaults Lora { get; set; } = new();

    /// <summary>Most experts. A Skill that would need one more waits, with the reason GrowthBudgetSpent.</summary>
    [RangeMinimum(0)]
    [RangeMaximum(1024)]
    [DefaultValue(64)]
    public int MaxExperts { get; set; } = 64;

    /// <summary>How it is decided whether a skill is new.</summary>
    [DefaultValue("{}", Json = true)]
    public NoveltyPolicy Novelty { get; set; } = new();

    /// <summary>How prompts reach experts.</summary>
    [DefaultValue("{}", Json = true)]
    public RoutingPolicy Routing { get; set; } = new();

    /// <summary>What a new set may cost older skills.</summary>
    [DefaultValue("{}", Json = true)]
    public RegressionPolicy Regression { get; set; } = new();

    /// <summary>Where datasets, experts, routers and checkpoints are kept: exactly one of persistentVolumeClaim and s3.</summary>
    [Required]
    public ArtifactStore Store { get; set; } = new();

    /// <summary>How jobs run.</summary>
    [DefaultValue("{}", Json = true)]
    public TrainingTemplate Training { get; set; } = new();

    /// <summary>How the router runs.</summary>
    [DefaultValue("{}", Json = true)]
    public ServingTemplate Serving { get; set; } = new();

    /// <summary>Starts no further job for the backbone and its skills, and stops those that run at their next checkpoint. What is served stays.</summary>
    [DefaultValue(false)]
    public bool Suspend { get; set; }
}
