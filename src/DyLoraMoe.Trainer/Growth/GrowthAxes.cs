using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Core.Growth;
using DyLoraMoe.Core.Models;

namespace DyLoraMoe.Trainer.Growth;

/// <summary>The axes that a growth can be left to choose from, each with the largest growth along it that a budget allows.</summary>
internal static class GrowthAxes
{
    private const int MostUnits = 1 << 12;

    private static readonly Dictionary<string, Func<ModelConfig, int, GrowthOperatorInput>> _axes = new(StringComparer.Ordinal)
    {
        ["Depth"] = (_, units) => new("InsertLayers", Count: units),
        ["FeedForward"] = (config, units) => new("WidenFeedForward", To: Wider(config.IntermediateSize, units)),
        ["Heads"] = (config, units) => new("AddHeads", Count: units * (config.QueriesPerKeyValueHead == 1 ? 1 : config.KeyValueHeads)),
        ["Hidden"] = (config, units) => new("WidenHidden", To: Wider(config.HiddenSize, units)),
    };

    /// <summary>The largest growth along an axis.</summary>
    /// <param name="axis">The axis.</param>
    /// <param name="config">The shape before.</param>
    /// <param name="budgetPercent">Most weights that are added, in percent of those there are.</param>
    /// <returns>The operator; null when not even its smallest fits the budget, or the shape does not allow it.</returns>
    /// <exception cref="GrowthRefusedException">There is no such axis.</exception>
    public static PlannedOperator? Largest(string axis, ModelConfig config, int budgetPercent)
    {
        if (!_axes.TryGetValue(axis, out var make))
        {
            throw new GrowthRefusedException($"there is no axis '{axis}'; expected {string.Join(", ", _axes.Keys)}");
        }

        try
        {
            // Every unit after the first adds as much.
            var (one, two) = (Added(1), Added(2));
            var units = (int)Math.Min(MostUnits, one.Budget < one.Weights ? 0 : 1 + ((one.Budget - one.Weights) / (two.Weights - one.Weights)));
            return units == 0 ? null : Planned(units);
        }
        catch (GrowthRefusedException)
        {
            return null;
        }

        (long Weights, long Budget) Added(int units)
        {
            var plan = GrowthPlan.Of(config, Planned(units).ToOperator(GrowthVariant.RandomReaders));
            return (plan.ParametersAfter - plan.ParametersBefore, plan.ParametersBefore * budgetPercent / 100);
        }

        PlannedOperator Planned(int units) => RequestedGrowth.Resolve([make(config, units)], GrowthVariant.RandomReaders, config)[0];
    }

    private static int Wider(int size, int units) => RequestedGrowth.RoundedUp(size + 1, 0, 8) + (8 * (units - 1));
}
