using System.CommandLine;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Lifecycle;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>The options that say how two experts become one.</summary>
internal sealed class MergeOptions
{
    private static readonly AdapterMergeOptions _defaults = new();

    private readonly Option<int?> _rank = OptionOf.Whole("--rank", "R", "Rank of the result. [default: the larger of both]", 1, 4096);

    private readonly Option<int?> _steps = OptionOf.Whole("--steps", "N", $"Steps in which both experts teach the result, where it is not good enough as it is. [default: {_defaults.Steps}]", 0, 1_000_000);

    private readonly Option<double?> _rate = OptionOf.Number("--rate", "RATE", $"Rate of the first step; it falls to a tenth. [default: {_defaults.Rate}]", 0, 1);

    private readonly Option<double?> _labels = OptionOf.Number("--labels", "WEIGHT", $"Weight of the data's own answers beside the experts'. [default: {_defaults.Labels}]", 0, 1);

    private readonly Option<int?> _rows = OptionOf.Whole("--rows", "B", $"Rows per batch; every step has one batch of each expert's data. [default: {_defaults.Rows}]", 1, 1 << 16);

    private readonly Option<int?> _seed = SharedOptions.Seed();

    /// <summary>The options, for <see cref="Verb.With"/>.</summary>
    public Option[] All => [_rank, _steps, _rate, _labels, _rows, _seed];

    /// <summary>What was asked for.</summary>
    public AdapterMergeOptions Of(ParseResult parsed) => _defaults with
    {
        Rank = parsed.GetValue(_rank),
        Steps = parsed.GetValue(_steps) ?? _defaults.Steps,
        Rate = parsed.GetValue(_rate) ?? _defaults.Rate,
        Labels = parsed.GetValue(_labels) ?? _defaults.Labels,
        Rows = parsed.GetValue(_rows) ?? _defaults.Rows,
        Seed = (ulong?)parsed.GetValue(_seed) ?? _defaults.Seed,
    };
}
