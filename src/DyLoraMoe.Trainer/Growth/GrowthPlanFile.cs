using DyLoraMoe.Core.Growth;

namespace DyLoraMoe.Trainer.Growth;

/// <summary>A plan file: operators in their order. Written into the grown folder as well.</summary>
internal sealed record GrowthPlanFile
{
    /// <summary>Seed of everything that is new; 1 when null.</summary>
    public long? Seed { get; init; }

    /// <summary>How new weights start where an operator does not say.</summary>
    public GrowthVariant Variant { get; init; } = GrowthVariant.RandomReaders;

    /// <summary>The operators, first to last.</summary>
    public IReadOnlyList<PlannedOperator> Operators { get; init; } = [];

    /// <summary>The operators, checked for what each takes.</summary>
    public IReadOnlyList<IGrowthOperator> ToOperators() => [.. Operators.Select(planned => planned.ToOperator(Variant))];
}
