using System.CommandLine;
using System.ComponentModel.DataAnnotations;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Growth.Infinite;
using DyLoraMoe.Trainer.Growth.Infinite;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>The options that say what a formally infinite network consists of and what moves its boundaries.</summary>
internal sealed class ForceOptions
{
    private static readonly InfiniteOptions _defaults = new() { Axes = [] };
    private static readonly Dictionary<string, UnitAxis> _axes = Enum.GetValues<UnitAxis>().ToDictionary(InfinitePlot.Name, StringComparer.OrdinalIgnoreCase);

    private readonly Option<UnitAxis[]?> _axis = OptionOf.Parsed<UnitAxis[]?>(
        "--axis", "LIST", "What has no size of its own: rank, for an expert; or feed-forward, depth and heads, with commas, for a copy of the whole model. [default: rank]", Axes, "rank, or some of feed-forward, depth and heads with commas between them");

    private readonly Option<double?> _gravity = OptionOf.Number(
        "--gravity", "SHARE", $"What pulls boundaries inwards and mass together: the share of the optimizer's steps that has to point the other way to resist it. [default: {_defaults.Gravity}]", 0, 1);

    private readonly Option<double?> _lasso = OptionOf.Number("--lasso", "SHARE", $"What pulls weights to zero, more strongly further out; a share too. [default: {_defaults.Lasso}]", 0, 1);

    private readonly Option<double?> _speed = OptionOf.Number("--speed", "RAMPS", $"How far a boundary moves in a step at full force and the highest rate, in widths of its ramp. [default: {_defaults.Speed}]", 1e-6, 1);

    private readonly Option<double?> _ramp = OptionOf.Number("--ramp", "UNITS", "Width of the soft edge. [default: an eighth of the units, at least 2; 1 for depth and heads]", 1e-3, 1e6);

    private readonly Option<int?> _most = OptionOf.Whole("--most", "UNITS", $"Most units on each axis, a bound on memory; not below what there is at the start. [default: {AxisOptions.UsualMost}, or what there is where that is more]", 1);

    private readonly Option<int?> _review = OptionOf.Whole("--review-every", "N", $"Steps between reviews, which allocate, release and swap units. [default: {_defaults.ReviewEvery}]", 1);

    private readonly Option<double?> _settle = OptionOf.Number("--settle", "SHARE", $"Share of the steps at the end in which no new units begin. [default: {_defaults.Settle}]", 0, 1);

    private readonly Option<double?> _negligible = OptionOf.Number("--negligible", "SHARE", $"Mass of a unit that is left out in the end, as a share of the mean. [default: {_defaults.Negligible}]", 0, 1);

    private readonly Option<bool> _still = OptionOf.Flag("--no-swaps", "Leave units where they are instead of moving heavy ones inwards.");

    /// <summary>The options, for <see cref="Verb.With"/>.</summary>
    public Option[] All => [_axis, _gravity, _lasso, _speed, _ramp, _most, _review, _settle, _negligible, _still];

    /// <summary>What was asked for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="units">How many units there are on an axis at the start.</param>
    /// <exception cref="UsageException">Two values do not fit together, or one does not fit what there is.</exception>
    public InfiniteOptions Of(ParseResult parsed, Func<UnitAxis, int> units)
    {
        UnitAxis[] axes = parsed.GetValue(_axis) is { Length: > 0 } named ? named : [UnitAxis.Rank];
        if (axes.Contains(UnitAxis.Rank) && axes.Length > 1)
        {
            throw new UsageException("--axis names rank and others: an expert has a rank and its backbone stays as it is. Name either rank, or axes of a model.");
        }

        var options = _defaults with
        {
            Axes = [.. axes.Select(axis => new AxisOptions(axis) { Ramp = parsed.GetValue(_ramp), Most = parsed.GetValue(_most) })],
            Gravity = parsed.GetValue(_gravity) ?? _defaults.Gravity,
            Lasso = parsed.GetValue(_lasso) ?? _defaults.Lasso,
            Speed = parsed.GetValue(_speed) ?? _defaults.Speed,
            ReviewEvery = parsed.GetValue(_review) ?? _defaults.ReviewEvery,
            Settle = parsed.GetValue(_settle) ?? _defaults.Settle,
            Negligible = parsed.GetValue(_negligible) ?? _defaults.Negligible,
            Swap = !parsed.GetValue(_still),
        };
        try
        {
            options.Validate();
            foreach (var axis in options.Axes)
            {
                axis.MostFrom(units(axis.Axis));
            }

            return options;
        }
        catch (ValidationException error)
        {
            throw new UsageException(error.Message);
        }
    }

    private static UnitAxis[]? Axes(string text)
    {
        var names = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return names.Length > 0 && Array.TrueForAll(names, _axes.ContainsKey) ? Array.ConvertAll(names, name => _axes[name]) : null;
    }
}
