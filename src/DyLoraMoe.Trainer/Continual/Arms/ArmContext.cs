using System.Globalization;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Tokenization;

namespace DyLoraMoe.Trainer.Continual.Arms;

/// <summary>What an arm is made from. Backbone and tokenizer are this arm's own: several arms run side by side.</summary>
internal sealed record ArmContext
{
    /// <summary>The folder of the backbone.</summary>
    public required string ModelFolder { get; init; }

    /// <summary>The backbone, in float32 on the CPU. The arm may change it; the harness frees it.</summary>
    public required CausalLanguageModel Backbone { get; init; }

    /// <summary>The backbone's tokenizer.</summary>
    public required TextTokenizer Tokenizer { get; init; }

    /// <summary>An empty folder of this arm's own, for what it wants to keep on disk; removed afterwards.</summary>
    public required string Scratch { get; init; }

    /// <summary>Seed of everything random; the same for all arms of a run.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The rate that tuning chose for this arm.</summary>
    public required double Rate { get; init; }

    /// <summary>The mode that tuning chose, of an arm that has several.</summary>
    public AdapterMode Mode { get; init; } = AdapterMode.Full;

    /// <summary>Shape of batches and adapters, the same for all arms.</summary>
    public required ArmSettings Settings { get; init; }

    /// <summary>Starts the identities of this arm's <see cref="Answerer"/>s; unique to stream, run and arm.</summary>
    public required string Identity { get; init; }
}

/// <summary>What all arms have in common.</summary>
internal sealed record ArmSettings
{
    /// <summary>Rank of every adapter.</summary>
    public int Rank { get; init; } = 8;

    /// <summary>Rows per batch.</summary>
    public int Rows { get; init; } = 8;

    /// <summary>Positions per row; short samples share one.</summary>
    public int RowLength { get; init; } = 64;

    /// <summary>Steps in which the rate rises at the start of a visit; then it falls along a cosine to a tenth.</summary>
    public int WarmUpSteps { get; init; } = 10;
}

/// <summary>What is tuned for an arm.</summary>
/// <param name="Rate">Its learning rate.</param>
/// <param name="Mode">The mode of its experts; Full of an arm without a choice.</param>
internal sealed record ArmSetting(double Rate, AdapterMode Mode)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Rate:0.0e-0}{(Mode == AdapterMode.Full ? "" : $" {Mode}")}");
}

/// <summary>An arm in the list of all arms.</summary>
/// <param name="Name">Short name, for options and files.</param>
/// <param name="Title">Name in the report.</param>
/// <param name="Rates">The rates that tuning tries; one entry for nothing to tune.</param>
/// <param name="Create">Makes it.</param>
internal sealed record ArmDefinition(string Name, string Title, IReadOnlyList<double> Rates, Func<ArmContext, IContinualArm> Create)
{
    /// <summary>The modes of experts that tuning tries at each rate; one for nothing to tune.</summary>
    public IReadOnlyList<AdapterMode> Modes { get; init; } = [AdapterMode.Full];

    /// <summary>All that tuning tries.</summary>
    public IEnumerable<ArmSetting> Settings => Modes.SelectMany(mode => Rates.Select(rate => new ArmSetting(rate, mode)));

    /// <summary>What it takes untuned: the rate in the middle, in its first mode.</summary>
    public ArmSetting Untuned => new(Rates[Rates.Count / 2], Modes[0]);

    /// <summary>The arm that does the learning for this one, which only answers otherwise; null for an arm of its own.</summary>
    public string? ShadowOf { get; init; }

    /// <summary>Makes this arm from the one that learns for it.</summary>
    public Func<IContinualArm, IContinualArm>? Shadow { get; init; }

    /// <summary>Whether there is a result only after the last visit.</summary>
    public bool LearnsAtEnd { get; init; }

    /// <summary>Whether it knows what no method can know: the true skill, or all data at once.</summary>
    public bool IsUpperBound { get; init; }
}
