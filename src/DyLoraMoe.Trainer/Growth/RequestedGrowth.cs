using System.Text.Json;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Core.Growth;
using DyLoraMoe.Core.Models;

namespace DyLoraMoe.Trainer.Growth;

/// <summary>Operators as a request names them, made definite for a shape: every one on what those before it leave.</summary>
internal static class RequestedGrowth
{
    // What processors like. Odd sizes work and are slow.
    private const int Multiple = 8;

    private static readonly Dictionary<string, (string[] Takes, Func<GrowthOperatorInput, ModelConfig, GrowthOperatorInput> Complete)> _kinds = new(StringComparer.Ordinal)
    {
        ["InsertLayers"] = (["at", "count"], (asked, config) => asked with { At = asked.At ?? config.Layers, Count = asked.Count ?? 1 }),
        ["WidenFeedForward"] = (["to", "percent"], (asked, config) => Sized(asked, config.IntermediateSize, Multiple)),
        ["AddHeads"] = (["count"], (asked, _) => asked with { Count = asked.Count ?? 1 }),
        ["AddKeyValueGroups"] = (["count"], (asked, _) => asked with { Count = asked.Count ?? 1 }),
        ["RaiseQueriesPerGroup"] = (["to", "percent"], (asked, config) => Sized(asked, config.QueriesPerKeyValueHead, 1)),
        ["UnshareKeyValues"] = (["times"], (asked, _) => asked.Times is null ? throw new GrowthRefusedException("it needs 'times', the copies of each key/value head") : asked),
        ["WidenHidden"] = (["to", "percent"], (asked, config) => Sized(asked, config.HiddenSize, Multiple)),
        ["WidenHeads"] = (["to", "percent"], (asked, config) => Sized(asked, config.HeadSize, config.HeadSize)),
    };

    /// <summary>The operators as a plan file has them.</summary>
    /// <param name="operators">The operators, first to last.</param>
    /// <param name="variant">How new weights start.</param>
    /// <param name="config">The shape before.</param>
    /// <exception cref="GrowthRefusedException">One is unknown, has values that it does not take, or cannot be applied.</exception>
    public static IReadOnlyList<PlannedOperator> Resolve(IReadOnlyList<GrowthOperatorInput> operators, GrowthVariant variant, ModelConfig config)
    {
        var planned = new List<PlannedOperator>();
        foreach (var (at, asked) in operators.Index())
        {
            try
            {
                planned.Add(Planned(asked, config));
                config = GrowthPlan.Of(config, planned[^1].ToOperator(variant)).After;
            }
            catch (GrowthRefusedException refusal)
            {
                throw new GrowthRefusedException($"{(operators.Count > 1 ? $"operator {at + 1} of {operators.Count}, " : "")}{asked.Operator}: {refusal.Message}");
            }
        }

        return planned;
    }

    /// <summary>A size that is larger by some percent, and a multiple of a number.</summary>
    internal static int RoundedUp(int size, int percent, int multiple) =>
        (int)Math.Min(PlannedOperator.LargestSize + 1L, (size * (100L + percent) + (100L * multiple) - 1) / (100L * multiple) * multiple);

    private static PlannedOperator Planned(GrowthOperatorInput asked, ModelConfig config)
    {
        if (!_kinds.TryGetValue(asked.Operator, out var kind))
        {
            throw new GrowthRefusedException($"there is no such operator; expected {string.Join(", ", _kinds.Keys)}");
        }

        if (Given(asked).FirstOrDefault(name => !kind.Takes.Contains(name)) is { } foreign)
        {
            throw new GrowthRefusedException($"it does not take '{foreign}'; it takes {string.Join(" and ", kind.Takes.Select(name => $"'{name}'"))}");
        }

        var whole = kind.Complete(asked, config);
        return new PlannedOperator { Operator = JsonNamingPolicy.SnakeCaseLower.ConvertName(whole.Operator), At = whole.At, Count = whole.Count, To = whole.To, Times = whole.Times };
    }

    private static GrowthOperatorInput Sized(GrowthOperatorInput asked, int size, int multiple) => (asked.To, asked.Percent) switch
    {
        (null, { } percent and > 0) => asked with { To = RoundedUp(size, percent, multiple) },
        ({ } to, null) => asked with { To = to },
        (null, { } percent) => throw new GrowthRefusedException($"found {percent} percent, expected more than 0"),
        _ => throw new GrowthRefusedException("it needs either 'to', the size afterwards, or 'percent', how much larger that is"),
    };

    private static IEnumerable<string> Given(GrowthOperatorInput asked) =>
        new (string Name, int? Value)[] { ("at", asked.At), ("count", asked.Count), ("to", asked.To), ("percent", asked.Percent), ("times", asked.Times) }
            .Where(pair => pair.Value is not null)
            .Select(pair => pair.Name);
}
