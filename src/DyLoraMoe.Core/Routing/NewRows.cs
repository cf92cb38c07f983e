using static TorchSharp.torch;

namespace DyLoraMoe.Core.Routing;

/// <summary>
/// Holds new rows back from the prompts of older skills. A row that was just fitted may be likeliest for held-out prompts that reached their expert before; its bias is lowered until
/// they go back, as long as few of its own are lost. A lower bias takes less from every older skill, whatever the prompt, so a regression check on the same prompts is not fooled by it.
/// </summary>
/// <remarks>Shapes: N prompts, F features, C columns (the bare backbone and E experts).</remarks>
internal static class NewRows
{
    // Of the new expert's own held-out prompts that reach it.
    private const double MostLost = 0.05;

    // What a prompt that goes back is ahead by then, in the gate's scores.
    private const double Lead = 1e-3;

    /// <summary>The biases with the new rows held back, (C).</summary>
    /// <param name="before">The router before the fit.</param>
    /// <param name="fitted">The router after it.</param>
    /// <param name="skills">Features of every skill; those without held-out features say nothing.</param>
    public static Tensor HeldBack(DynamicHybridRouter before, DynamicHybridRouter fitted, IReadOnlyList<SkillFeatures> skills)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var bias = fitted.Tensors.Bias.clone();
        for (var column = 1; column <= fitted.Experts.Count; column++)
        {
            if (fitted.Experts[column - 1].IsFitted && !RouterTraining.IsKnown(before, column))
            {
                bias[column] -= Restraint(before, fitted, skills, column);
            }
        }

        return bias.MoveToOuterDisposeScope();
    }

    private static double Restraint(DynamicHybridRouter before, DynamicHybridRouter fitted, IReadOnlyList<SkillFeatures> skills, int column)
    {
        var taken = skills.Where(skill => skill.Owner > 0 && RouterTraining.IsKnown(before, skill.Owner)).SelectMany(skill => Leads(skill, column, Reached(before, skill)));
        var own = skills.Where(skill => skill.Owner == column).SelectMany(skill => Leads(skill, column, Reached(fitted, skill))).ToList();
        return taken.Select(lead => lead + Lead).Where(lead => own.Count(each => each < lead) <= MostLost * own.Count).DefaultIfEmpty().Max();

        // By how much the column is ahead of the next, for those of a skill's held-out prompts that count and for which it is.
        IEnumerable<double> Leads(SkillFeatures skill, int ahead, Tensor? counting)
        {
            if (counting is null)
            {
                return [];
            }

            using var scope = NewDisposeScope();
            var scores = fitted.Scores(skill.HeldOut!);                                                       // (N, C)
            var others = scores.clone();
            others.select(1, ahead).fill_(double.NegativeInfinity);
            var leads = scores.select(1, ahead) - others.amax([1]);                                           // (N)
            return leads.masked_select(counting.logical_and(leads.gt(0))).data<double>().ToArray();
        }

        static Tensor? Reached(DynamicHybridRouter router, SkillFeatures skill) => skill.HeldOut is { } features ? router.Scores(features).argmax(1).eq(skill.Owner) : null;
    }
}
