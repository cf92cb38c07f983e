using static TorchSharp.torch;

namespace DyLoraMoe.Core.Novelty;

/// <summary>How undecided a router is about prompts that it was not fitted on.</summary>
/// <remarks>Shapes: N prompts, F features.</remarks>
public interface IRouterEntropies
{
    /// <summary>Entropies of prompts that it has not seen.</summary>
    /// <param name="features">Features of the prompts, (N, F).</param>
    /// <returns>From 0 (certain) to 1 (no idea), (N).</returns>
    Tensor Of(Tensor features);

    /// <summary>Entropies of a skill's training prompts, as if it had not seen them.</summary>
    /// <param name="skill">The skill's name.</param>
    /// <returns>(N), owned by this object; null where it does not know the skill or its prompts cannot be judged without being seen.</returns>
    Tensor? OfTraining(string skill);
}
