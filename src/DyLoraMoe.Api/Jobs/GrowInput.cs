namespace DyLoraMoe.Api.Jobs;

/// <summary>How a backbone is to grow. Exactly one of <see cref="Operators"/> and <see cref="Automatic"/> is set.</summary>
public sealed record GrowInput
{
    /// <summary>The Growth that wants it, for the record beside the weights.</summary>
    public required string Growth { get; init; }

    /// <summary>The operators, first to last.</summary>
    public IReadOnlyList<GrowthOperatorInput>? Operators { get; init; }

    /// <summary>Leaves the choice to what is measured.</summary>
    public AutomaticGrowthInput? Automatic { get; init; }

    /// <summary>How new weights start: <c>RandomReaders</c> or <c>ZeroPadded</c>.</summary>
    public string Variant { get; init; } = "RandomReaders";

    /// <summary>Noise in what is new, as a share of each weight's own spread.</summary>
    public double Noise { get; init; }

    /// <summary>Seed of everything that is random.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>How the grown backbone learns from the one before; null for not at all.</summary>
    public RelearnInput? Relearn { get; init; }

    /// <summary>Largest difference of logits at the moment of growth, as a share of the largest logit, or of one where that is larger.</summary>
    public double FunctionError { get; init; } = 1e-5;

    /// <summary>Most that the grown backbone may diverge from the one before on held-out text, in nats per token.</summary>
    public double Divergence { get; init; } = 0.01;
}

/// <summary>One operator of a growth. Which of the values it takes depends on its kind.</summary>
/// <param name="Operator"><c>InsertLayers</c>, <c>WidenFeedForward</c>, <c>AddHeads</c>, <c>AddKeyValueGroups</c>, <c>RaiseQueriesPerGroup</c>, <c>UnshareKeyValues</c>, <c>WidenHidden</c> or <c>WidenHeads</c>.</param>
/// <param name="At">Of InsertLayers: how many old layers come before the new ones; null for the end.</param>
/// <param name="Count">How many layers, heads or groups; null for one.</param>
/// <param name="To">The size afterwards.</param>
/// <param name="Percent">In place of <paramref name="To"/>: how much larger, in percent; the size is rounded up to what the model allows.</param>
/// <param name="Times">Copies of each key/value head.</param>
public sealed record GrowthOperatorInput(string Operator, int? At = null, int? Count = null, int? To = null, int? Percent = null, int? Times = null);

/// <summary>A growth along the axis that promises most: the one whose new writers have the largest squared gradient for their number on the skills' data.</summary>
/// <param name="Axes">The axes to choose from: <c>Depth</c>, <c>FeedForward</c>, <c>Heads</c>, <c>Hidden</c>.</param>
/// <param name="BudgetPercent">Most weights that are added, in percent of those there are.</param>
public sealed record AutomaticGrowthInput(IReadOnlyList<string> Axes, int BudgetPercent);

/// <summary>How a grown backbone learns from the one before. Null leaves a figure to the trainer's own default.</summary>
public sealed record RelearnInput
{
    /// <summary>Steps.</summary>
    public int? Steps { get; init; }

    /// <summary>Learning rate.</summary>
    public double? Rate { get; init; }

    /// <summary>Rows of a step.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Share of the last step's rows, in percent, that are samples of the skills instead of the smaller backbone's own words; it rises from 0.</summary>
    public int DataPercent { get; init; }

    /// <summary>Time between checkpoints.</summary>
    public int? CheckpointSeconds { get; init; }
}

/// <summary>An expert that is to act on a backbone that has grown.</summary>
/// <param name="From">Its version on the backbone before.</param>
/// <param name="Before">The backbone before.</param>
/// <param name="Skills">Its skills. It is measured on those that it has learnt, with the data that they have.</param>
public sealed record MigrateInput(ExpertInput From, BackboneInput Before, IReadOnlyList<SkillInput> Skills);
