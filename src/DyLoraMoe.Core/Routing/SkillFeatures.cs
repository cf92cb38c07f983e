using static TorchSharp.torch;

namespace DyLoraMoe.Core.Routing;

/// <summary>The stored features of one skill's prompts and who should answer them.</summary>
/// <param name="Skill">The skill's name, for reports.</param>
/// <param name="Owner">Column that owns the prompts: 0 for the bare backbone (anchor prompts), 1 + the index in <see cref="DynamicHybridRouter.Experts"/> for an expert. Several skills may share one.</param>
/// <param name="Features">Features to fit on, (N, F); stays the caller's.</param>
public sealed record SkillFeatures(string Skill, int Owner, Tensor Features)
{
    /// <summary>Features that are not fitted on, (M, F): accuracy is measured on them, and rows are held back by them. Stays the caller's. Null to report accuracy on <see cref="Features"/>.</summary>
    public Tensor? HeldOut { get; init; }
}
