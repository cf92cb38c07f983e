using System.ComponentModel.DataAnnotations;

namespace DyLoraMoe.Core.Growth.Infinite;

/// <summary>What a row of units consists of.</summary>
public enum UnitAxis
{
    /// <summary>Feed-forward neurons. All layers have as many.</summary>
    FeedForward,

    /// <summary>Layers.</summary>
    Depth,

    /// <summary>Key/value heads, each with its query heads. All layers have as many.</summary>
    Heads,

    /// <summary>The ranks of an expert. All adapted projections have as many.</summary>
    Rank,
}

/// <summary>How far a row of units may reach, and how soft its edge is.</summary>
/// <param name="Axis">What it consists of.</param>
public sealed record AxisOptions(UnitAxis Axis)
{
    /// <summary>The usual bound on units: what adapters allow as their rank.</summary>
    public const int UsualMost = 4096;

    /// <summary>Width of the boundary's ramp in units; null for an eighth of the units at the start, at least two, and one for layers and heads.</summary>
    [Range(1e-3, 1e6)]
    public double? Ramp { get; init; }

    /// <summary>Fewest units.</summary>
    [Range(1, int.MaxValue)]
    public int Least { get; init; } = 1;

    /// <summary>Most units: a bound on memory, not below what there is at the start. Null for <see cref="UsualMost"/>, or for as many as there are where that is more.</summary>
    [Range(1, int.MaxValue)]
    public int? Most { get; init; }

    /// <summary>Most units of a row that begins with some.</summary>
    /// <param name="units">Units at the start.</param>
    /// <exception cref="ValidationException">There are more than may be: units that act would be lost.</exception>
    public int MostFrom(int units) => Most switch
    {
        null => Math.Max(Math.Max(UsualMost, Least), units),
        { } most when most >= units => most,
        { } most => throw new ValidationException($"{Axis} has {units} units at the start and at most {most}; the most must not be below what is there."),
    };
}

/// <summary>What moves the boundaries of a formally infinite network. Every pull is the share of the optimizer's steps that has to point the other way to resist it.</summary>
public sealed record InfiniteOptions
{
    /// <summary>The rows of units; at least one.</summary>
    public required IReadOnlyList<AxisOptions> Axes { get; init; }

    /// <summary>Gravity: what pulls boundaries inwards and mass together.</summary>
    [Range(0.0, 1.0)]
    public double Gravity { get; init; } = 0.1;

    /// <summary>Strength of the vacuum's attraction, the radial group lasso.</summary>
    [Range(0.0, 1.0)]
    public double Lasso { get; init; } = 0.1;

    /// <summary>How fast a boundary moves at full force and the highest rate, in ramps per step.</summary>
    [Range(1e-6, 1.0)]
    public double Speed { get; init; } = 0.02;

    /// <summary>Steps between the pulls on weights, each of which makes up for the steps since the last.</summary>
    [Range(1, 1000)]
    public int PullEvery { get; init; } = 8;

    /// <summary>Steps between reviews: heavy units move inwards, dead ones in the ramp begin anew, units are allocated and released.</summary>
    [Range(1, int.MaxValue)]
    public int ReviewEvery { get; init; } = 50;

    /// <summary>Whether heavy units move inwards. Pulls act on masses, not on places, so that nothing moves without it.</summary>
    public bool Swap { get; init; } = true;

    /// <summary>Share of the steps at the end in which nothing new begins, so that what is there can settle.</summary>
    [Range(0.0, 1.0)]
    public double Settle { get; init; } = 0.3;

    /// <summary>Mass, as a share of the mean of those with mass, at and below which a unit is left out in the end.</summary>
    [Range(0.0, 1.0)]
    public double Negligible { get; init; } = 0.02;

    /// <summary>Checks every value.</summary>
    /// <exception cref="ValidationException">One is out of range, or no axis or the same axis twice is named; the message says which.</exception>
    public void Validate()
    {
        foreach (var part in Axes.Prepend<object>(this))
        {
            Validator.ValidateObject(part, new ValidationContext(part), validateAllProperties: true);
        }

        if (Axes.Count == 0 || Axes.Select(axis => axis.Axis).Distinct().Count() < Axes.Count)
        {
            throw new ValidationException($"Axes are [{string.Join(", ", Axes.Select(axis => axis.Axis))}], expected at least one and none twice.");
        }

        if (Axes.FirstOrDefault(axis => axis.Least > axis.Most) is { } wrong)
        {
            throw new ValidationException($"{wrong.Axis} has at least {wrong.Least} and at most {wrong.Most} units; the least must not be above the most.");
        }
    }
}
