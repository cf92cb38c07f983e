using System.Globalization;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Core.Compute;
using DyLoraMoe.Core.Growth;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Trainer.Growth;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>How a backbone grows, by what was asked for or by what was measured.</summary>
/// <param name="File">The plan.</param>
/// <param name="Pressures">What each axis promised; empty where nothing was left to that.</param>
internal sealed record GrowthChoice(GrowthPlanFile File, SortedDictionary<string, double> Pressures)
{
    /// <summary>Makes the choice.</summary>
    /// <param name="context">The job.</param>
    /// <param name="input">What is asked for.</param>
    /// <param name="relearning">Knows the samples that count.</param>
    /// <param name="place">Where to compute.</param>
    /// <exception cref="GrowthRefusedException">The backbone cannot grow like this.</exception>
    public static GrowthChoice Of(JobContext context, GrowInput input, Relearning relearning, ComputePlace place)
    {
        if (!Enum.TryParse<GrowthVariant>(input.Variant, out var variant))
        {
            throw new InvalidInputException(Reasons.InvalidInput, $"The request's variant is '{input.Variant}', expected {string.Join(" or ", Enum.GetNames<GrowthVariant>())}.");
        }

        var config = ModelConfigFile.Read(context.Backbone.Path);
        var file = new GrowthPlanFile { Seed = input.Seed, Variant = variant };
        return (input.Operators, input.Automatic) switch
        {
            ({ Count: > 0 } operators, null) => new GrowthChoice(file with { Operators = RequestedGrowth.Resolve(operators, variant, config) }, new(StringComparer.Ordinal)),
            (null, { } automatic) => Measured(context, file, automatic, config, relearning, place),
            _ => throw new InvalidInputException(Reasons.InvalidInput, "The request has to say how the backbone grows: by operators, at least one, or by automatic, and not by both."),
        };
    }

    private static GrowthChoice Measured(JobContext context, GrowthPlanFile file, AutomaticGrowthInput automatic, ModelConfig config, Relearning relearning, ComputePlace place)
    {
        var candidates = automatic.Axes.Distinct(StringComparer.Ordinal)
            .Select(axis => (Axis: axis, Operator: GrowthAxes.Largest(axis, config, automatic.BudgetPercent)))
            .ToList();
        using var model = ModelFolder.Load(context.Backbone.Path, device: place.Device);
        var samples = relearning.Examples(model);
        var pressures = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var (axis, planned) in candidates)
        {
            if (planned is null)
            {
                context.Say($"{axis}: nothing that fits {automatic.BudgetPercent} % of the weights");
                continue;
            }

            // What is padded has no gradient, whatever it would be good for.
            var plan = GrowthPlan.Of(config, planned.ToOperator(GrowthVariant.RandomReaders));
            using var grown = plan.Grow(model, file.Seed!.Value);
            pressures[axis] = GrowthPressure.Of(grown, plan, samples, context.Stop);
            context.Say(string.Create(CultureInfo.InvariantCulture, $"{axis}: {plan.Steps[0].Description} promises {pressures[axis]:G4} for each new weight that writes"));
        }

        return candidates.Where(candidate => candidate.Operator is not null).OrderByDescending(candidate => pressures[candidate.Axis]).FirstOrDefault().Operator is { } best
            ? new GrowthChoice(file with { Operators = [best] }, pressures)
            : throw new GrowthRefusedException($"along {string.Join(", ", automatic.Axes)} nothing fits a budget of {automatic.BudgetPercent} % of {GrowthPlan.Of(config).ParametersBefore} weights; give a larger budget, or other axes");
    }
}
