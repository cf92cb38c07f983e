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
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var bias = fitted.Tensors.Bias.clone();
        for (var column = 1; column <= fitted.Experts.Count; column++)
        {
            if (fitted.Experts[column - 1].IsFitted)
            {
                bias[column] -= Restraint(before, fitted, skills, column, mostLost);
            }
        }

        return bias.MoveToOuterDisposeScope();
    }

    private static double Restraint(DynamicHybridRouter before, DynamicHybridRouter fitted, IReadOnlyList<SkillFeatures> skills, int column, double mostLost)
    {
        var reference = RouterTraining.IsKnown(before, column) ? before : fitted;
        var own = skills.Where(skill => skill.Owner == column).SelectMany(skill => Leads(skill, reference)).ToList();
        return skills
            .Where(skill => skill.Owner > 0 && skill.Owner != column && RouterTraining.IsKnown(before, skill.Owner))
            .SelectMany(skill => Leads(skill, before))
            .Select(lead => lead + Lead)
            .Where(lead => own.Count(each => each < lead) <= mostLost * own.Count)
            .DefaultIfEmpty()
            .Max();

        // By how much the column is ahead of the next, where it is, for a skill's held-out prompts that reach their own expert by another router.
        IEnumerable<double> Leads(SkillFeatures skill, DynamicHybridRouter reached)
        {
            if (skill.HeldOut is not { } features)
            {
                return [];
            }

            using var scope = NewDisposeScope();
            var scores = fitted.Scores(features);                                                             // (N, C)
            var others = scores.clone();
            others.select(1, column).fill_(double.NegativeInfinity);
            var leads = scores.select(1, column) - others.amax([1]);                                          // (N)
            return leads.masked_select(reached.Scores(features).argmax(1).eq(skill.Owner).logical_and(leads.gt(0))).data<double>().ToArray();
        }
    }
}
