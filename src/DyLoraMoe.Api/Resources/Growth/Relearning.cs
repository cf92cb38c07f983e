using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>How a larger backbone learns from the smaller one, on texts that the smaller one makes up. What is left out is up to the trainer.</summary>
public sealed record Relearning
{
    /// <summary>Optimizer steps.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(10_000_000)]
    public int? Steps { get; set; }

    /// <summary>Highest learning rate: a number as text.</summary>
    [Length(1, Bounds.NumberLength)]
    [Pattern(Patterns.DecimalNumber)]
    [ValidationRule("double(self) > 0.0 && double(self) <= 1.0", message: "must be above 0 and at most 1")]
    public string? Rate { get; set; }

    /// <summary>Rows of a step.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(65_536)]
    public int? BatchSize { get; set; }

    /// <summary>Share of the last step's rows, in percent, that are samples of the Skills instead of what the smaller backbone says; it rises from 0 as training goes on.</summary>
    [RangeMinimum(0)]
    [RangeMaximum(100)]
    [DefaultValue(0)]
    public int DataPercent { get; set; }

    /// <summary>Time between checkpoints.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(86_400)]
    public int? CheckpointSeconds { get; set; }
}
