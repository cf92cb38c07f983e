using DyLoraMoe.Core.Growth;
using DyLoraMoe.Trainer.CommandLine;

namespace DyLoraMoe.Trainer.Growth;

/// <summary>A plan file: operators in their order. Written into the grown folder as well.</summary>
internal sealed record GrowthPlanFile
{
    /// <summary>Seed of everything that is new; 1 when null.</summary>
    public long? Seed { get; init; }

    /// <summary>How new weights start where an operator does not say.</summary>
    public GrowthVariant Variant { get; init; } = GrowthVariant.RandomReaders;

    /// <summary>The operators, first to last. What a file holds in their place is checked by <see cref="ToOperators"/>.</summary>
    public IReadOnlyList<PlannedOperator?>? Operators { get; init; } = [];

    /// <summary>The operators, checked for what each takes.</summary>
    /// <exception cref="UsageException">One is missing, or does not take what is given.</exception>
    /// <exception cref="GrowthRefusedException">A size is above that of any model.</exception>
    public IReadOnlyList<IGrowthOperator> ToOperators()
    {
        var operators = Operators ?? throw new UsageException("The plan's 'operators' is null, expected a list of operators.");
        return [.. operators.Index().Select(each => each.Item is { } planned
            ? planned.ToOperator(Variant)
            : throw new UsageException($"Operator {each.Index + 1} of {operators.Count} is null, expected an object with the name of an operator."))];
    }
}
