using static TorchSharp.torch;

namespace DyLoraMoe.Core.Routing;

/// <summary>
/// Holds rows back from the prompts of other skills. After a fit a row may be likeliest for held-out prompts that reached their own expert before, one that was just added above all; its
/// bias is lowered until they go back, as long as few of its own are lost. What it had lost before is not counted again, so that a row that is held back stays so. A lower bias takes
/// less from every other skill, whatever the prompt, so a regression check on the same prompts is not fooled by it.
/// </summary>
/// <remarks>Shapes: N prompts, F features, C columns (the bare backbone and E experts).</remarks>
internal static class RowRestraint
{
    // What a prompt that goes back is ahead by then, in the gate's scores.
    private const double Lead = 1e-3;

    /// <summary>The biases with the rows held back, (C).</summary>
    /// <param name="before">The router before the fit.</param>
    /// <param name="fitted">The router after it.</param>
    /// <param name="skills">Features of every skill; those without held-out features say nothing.</param>
    /// <param name="mostLost">Share of an expert's own held-out prompts that it may lose.</param>
    public static Tensor Of(DynamicHybridRouter before, DynamicHybridRouter fitted, IReadOnlyList<SkillFeatures> skills, double mostLost)
    {
        using var _ = no_grad();
        var (own, taken) = (new List<double>[fitted.Experts.Count + 1], new List<double>[fitted.Experts.Count + 1]);
        foreach (var skill in skills.Where(skill => skill.Owner > 0 && skill.HeldOut is not null))
        {
            var isKnown = RouterTraining.IsKnown(before, skill.Owner);
            foreach (var (column, lead, reachedBefore) in Choices(before, fitted, skill))
            {
                if (column == skill.Owner ? reachedBefore || !isKnown : reachedBefore && isKnown)
                {
                    ((column == skill.Owner ? own : taken)[column] ??= []).Add(lead);
                }
            }
        }

        var bias = fitted.Tensors.Bias.clone();
        for (var column = 1; column < taken.Length; column++)
        {
            if (taken[column] is { } leads)
            {
                bias[column] -= Restraint(own[column] ?? [], leads, mostLost);
            }
        }

        return bias;
    }

    private static double Restraint(List<double> own, List<double> taken, double mostLost) => taken
        .Select(lead => lead + Lead)
        .Where(lead => own.Count(each => each < lead) <= mostLost * own.Count)
        .DefaultIfEmpty()
        .Max();

    // Of every held-out prompt: the likeliest column, by how much it is ahead of the next, and whether the prompt reached its own expert before.
    private static IEnumerable<(int Column, double Lead, bool ReachedBefore)> Choices(DynamicHybridRouter before, DynamicHybridRouter fitted, SkillFeatures skill)
    {
        using var scope = NewDisposeScope();
        var (best, columns) = fitted.Scores(skill.HeldOut!).topk(2, -1);                                      // (N, C) -> (N, 2)
        var leads = (best.select(1, 0) - best.select(1, 1)).data<double>().ToArray();
        var reached = before.Scores(skill.HeldOut!).argmax(1).eq(skill.Owner).data<bool>().ToArray();
        return columns.select(1, 0).contiguous().data<long>().ToArray().Zip(leads, reached).Select(prompt => ((int)prompt.First, prompt.Second, prompt.Third));
    }
}
