using System.Text.Json.Serialization;

namespace DyLoraMoe.Trainer.Predictions.Trials;

/// <summary>How well a test is answered.</summary>
/// <param name="Nats">Nats per answer token.</param>
/// <param name="Exact">Share of exact greedy answers.</param>
internal sealed record TestScore(double Nats, double Exact);

/// <summary>What a model can do.</summary>
internal sealed record Ability
{
    /// <summary>What is taught, on letters that are not.</summary>
    public required TestScore Usual { get; init; }

    /// <summary>The same in frames that are not taught.</summary>
    public required TestScore NovelFrames { get; init; }

    /// <summary>Pairs of operations that are not taught.</summary>
    public required TestScore UntaughtPairs { get; init; }

    /// <summary>Nats per token of held-out documents of each family that the backbone learnt first: the canaries.</summary>
    public required IReadOnlyDictionary<string, double> Canaries { get; init; }

    /// <summary>Mean over the families.</summary>
    [JsonIgnore]
    public double General => Canaries.Values.Average();
}

/// <summary>What a night came to, against an oracle that knows the rules.</summary>
/// <param name="Tried">Dreams tried.</param>
/// <param name="Kept">Dreams learnt from.</param>
/// <param name="Precision">Share of right answers among the kept.</param>
/// <param name="Recall">Share of the right answers that were kept, among those to prompts that can be asked.</param>
/// <param name="Untaught">Share of the kept that ask for a pair that is not taught.</param>
/// <param name="Distinct2">Share of different pairs of words among those of the kept prompts.</param>
internal sealed record NightScore(int Tried, int Kept, double Precision, double Recall, double Untaught, double Distinct2);

/// <summary>The result of a run, one file.</summary>
internal sealed record TrialResult
{
    /// <summary>What was run.</summary>
    public required TrialOptions Options { get; init; }

    /// <summary>Before.</summary>
    public required Ability Before { get; init; }

    /// <summary>After; null where training diverged.</summary>
    public required Ability? After { get; init; }

    /// <summary>Tokens trained on.</summary>
    public required long Tokens { get; init; }

    /// <summary>Steps taken.</summary>
    public required int Steps { get; init; }

    /// <summary>Mean KL(before || after) of single steps on held-out answers, nats per token.</summary>
    public required double StepDivergence { get; init; }

    /// <summary>Largest change of a key or value of a held-out context, as a share of the largest one; null where it was not measured.</summary>
    public double? ContextDrift { get; init; }

    /// <summary>Whether <see cref="TrialOptions.Until"/> was reached.</summary>
    public bool? IsReached { get; init; }

    /// <summary>The night; null without one.</summary>
    public NightScore? Night { get; init; }

    /// <summary>How often the run went back to its last good weights; null where nothing watched over it.</summary>
    public int? Rollbacks { get; init; }

    /// <summary>Seconds of learning, on one thread.</summary>
    public required double Seconds { get; init; }

    /// <summary>Rise of the mean loss on what the backbone learnt first, nats per token.</summary>
    [JsonIgnore]
    public double Forgetting => After is null ? double.NaN : After.General - Before.General;

    /// <summary>The largest rise of any family.</summary>
    [JsonIgnore]
    public double WorstCanary => After is null ? double.NaN : After.Canaries.Max(pair => pair.Value - Before.Canaries[pair.Key]);
}
