using static TorchSharp.torch;

namespace DyLoraMoe.Core.Routing;

/// <summary>
/// The load-balancing loss of <see href="https://arxiv.org/abs/2101.03961">Switch Transformers</see>, <c>C Σ_c f_c P_c</c>, where f is the
/// share of prompts that column c wins and P its mean probability; 1 when all are used alike. Within one skill, use ought to be uneven,
/// so a window that holds a single skill contributes exactly nothing.
/// </summary>
/// <remarks>Shapes: N prompts, C columns.</remarks>
public static class LoadBalance
{
    /// <summary>The loss of a window.</summary>
    /// <param name="probabilities">Probabilities, (N, C).</param>
    /// <param name="skills">Each prompt's skill.</param>
    /// <param name="columns">Columns that take part; the others have probability zero.</param>
    /// <returns>A single value; a zero without gradient when all prompts are of one skill.</returns>
    public static Tensor Of(Tensor probabilities, IReadOnlyList<int> skills, int columns)
    {
        ArgumentNullException.ThrowIfNull(probabilities);
        ArgumentNullException.ThrowIfNull(skills);
        if (skills.Count != probabilities.shape[0])
        {
            throw new ArgumentException($"There are {skills.Count} skills for {probabilities.shape[0]} prompts, expected one each.", nameof(skills));
        }

        if (skills.Distinct().Take(2).Count() < 2)
        {
            return zeros([], probabilities.dtype, probabilities.device);
        }

        using var scope = NewDisposeScope();
        var share = nn.functional.one_hot(probabilities.detach().argmax(-1), probabilities.shape[1]).to_type(probabilities.dtype).mean([0]);   // (N, C) -> (C)
        return ((share * probabilities.mean([0])).sum() * columns).MoveToOuterDisposeScope();
    }
}
