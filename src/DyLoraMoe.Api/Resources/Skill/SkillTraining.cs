using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>What differs from the Backbone's defaults for one skill.</summary>
public sealed record SkillTraining
{
    /// <summary>How its expert is trained. A change is for the next training; what came to nothing is trained again by it at once.</summary>
    [DefaultValue("{}", Json = true)]
    public TrainingRecipe Recipe { get; set; } = new();

    /// <summary>Shape of an expert of its own, which keeps it: a change is for the next one that is made.</summary>
    [DefaultValue("{}", Json = true)]
    public LoraOverrides Lora { get; set; } = new();
}
