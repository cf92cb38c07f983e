using System.Text.Json;
using System.Text.Json.Serialization;
using DyLoraMoe.Core.Growth;
using DyLoraMoe.Core.Growth.Operators;
using DyLoraMoe.Trainer.CommandLine;

namespace DyLoraMoe.Trainer.Growth;

/// <summary>One operator of a plan file. Which of the values it takes depends on its kind.</summary>
internal sealed record PlannedOperator
{
    private static readonly Dictionary<string, (string Needed, string[] Allowed, Func<PlannedOperator, GrowthVariant, IGrowthOperator> Make)> _kinds = new(StringComparer.Ordinal)
    {
        ["insert_layers"] = ("at", ["count", "start"], (planned, variant) => new InsertLayers(planned.At!.Value, planned.Count ?? 1, planned.Start ?? StartOf(variant))),
        ["widen_feed_forward"] = ("to", ["variant"], (planned, variant) => new WidenFeedForward(planned.To!.Value, variant)),
        ["add_heads"] = ("count", ["variant"], (planned, variant) => new AddHeads(planned.Count!.Value, variant)),
        ["add_key_value_groups"] = ("count", ["variant"], (planned, variant) => new AddKeyValueGroups(planned.Count!.Value, variant)),
        ["raise_queries_per_group"] = ("to", ["variant"], (planned, variant) => new RaiseQueriesPerGroup(planned.To!.Value, variant)),
        ["unshare_key_values"] = ("times", [], (planned, _) => new UnshareKeyValues(planned.Times!.Value)),
        ["widen_hidden"] = ("to", ["variant"], (planned, variant) => new WidenHidden(planned.To!.Value, variant)),
        ["widen_heads"] = ("to", [], (planned, _) => new WidenHeads(planned.To!.Value)),
        ["extend_vocabulary"] = ("to", ["variant", "pieces"], (planned, variant) => new ExtendVocabulary(planned.To!.Value, variant) { Pieces = planned.Pieces! }),
        ["raise_rank"] = ("to", [], (planned, _) => new RaiseRank(planned.To!.Value)),
    };

    /// <summary>A size above that of any model, so that nothing is laid out for a slip of the pen.</summary>
    public const int LargestSize = 1 << 24;

    private const int LargestHead = 1 << 16;
    private const int LargestCount = 1 << 12;

    /// <summary>Its kind: insert_layers, widen_feed_forward, add_heads, ...</summary>
    public required string Operator { get; init; }

    /// <summary>How many old layers come before the inserted ones.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? At { get; init; }

    /// <summary>How many layers, heads or groups.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Count { get; init; }

    /// <summary>The size afterwards.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? To { get; init; }

    /// <summary>Copies of each key/value head.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Times { get; init; }

    /// <summary>What inserted layers start from.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LayerStart? Start { get; init; }

    /// <summary>How new weights start; the plan's own when null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public GrowthVariant? Variant { get; init; }

    /// <summary>For new tokens the old ones that spelt them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int[]?[]? Pieces { get; init; }

    /// <summary>The operator.</summary>
    /// <param name="usual">The plan's variant.</param>
    /// <exception cref="UsageException">There is no such kind, or it does not take what is given.</exception>
    /// <exception cref="GrowthRefusedException">A size is above that of any model.</exception>
    public IGrowthOperator ToOperator(GrowthVariant usual)
    {
        if (Operator is null || !_kinds.TryGetValue(Operator, out var kind))
        {
            throw new UsageException($"There is no operator '{Operator}'; expected one of {string.Join(", ", _kinds.Keys)}.");
        }

        var given = Given().ToList();
        if (!given.Contains(kind.Needed))
        {
            throw new UsageException($"The operator {Operator} needs '{kind.Needed}'.");
        }

        if (given.Find(name => name != kind.Needed && !kind.Allowed.Contains(name)) is { } foreign)
        {
            throw new UsageException($"The operator {Operator} does not take '{foreign}'; it takes {string.Join(", ", kind.Allowed.Prepend(kind.Needed))}.");
        }

        if (Pieces is not null && Array.IndexOf(Pieces, null) is >= 0 and var missing)
        {
            throw new UsageException($"The operator {Operator} has null as the pieces of new token {missing + 1} of {Pieces.Length}, expected the old ids that spelt it.");
        }

        RequireBounds();
        return kind.Make(this, Variant ?? usual);
    }

    private void RequireBounds()
    {
        var largest = Operator == "widen_heads" ? LargestHead : LargestSize;
        foreach (var (name, value, most) in new[] { ("to", To, largest), ("count", Count, LargestCount), ("times", Times, LargestCount) })
        {
            if (value > most)
            {
                throw new GrowthRefusedException($"{Operator} has {value} as '{name}', expected at most {most}");
            }
        }
    }

    // The variants are the third seed's; for layers its variant is the identity.
    private static LayerStart StartOf(GrowthVariant variant) => variant == GrowthVariant.ZeroPadded ? LayerStart.Identity : LayerStart.Random;

    private IEnumerable<string> Given() =>
        new (string Name, object? Value)[] { ("at", At), ("count", Count), ("to", To), ("times", Times), ("start", Start), ("variant", Variant), ("pieces", Pieces) }
            .Where(pair => pair.Value is not null)
            .Select(pair => JsonNamingPolicy.SnakeCaseLower.ConvertName(pair.Name));
}
