using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>What differs from the Backbone's defaults for one skill.</summary>
public sealed record SkillTraining
{
    /// <summary>How its expert is trained.</summary>
    [DefaultValue("{}", Json = true)]
    public TrainingRecipe Recipe { get; set; } = new();

    /// <summary>Shape of an expert of its own.</summary>
    [DefaultValue("{}", Json = true)]
    public LoraOverrides Lora { get; set; } = new();
}
