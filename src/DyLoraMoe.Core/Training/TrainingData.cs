using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.Mixing;
using DyLoraMoe.Core.Evaluation;

namespace DyLoraMoe.Core.Training;

/// <summary>What a run learns from and what it is judged by.</summary>
public sealed record TrainingData
{
    private const int MostTaskPrompts = 64;

    private readonly Func<Invocation, BatchOptions, IBatchSource> _open;
    private readonly Func<Invocation, EvaluationSet> _heldOut;

    private TrainingData(Func<Invocation, BatchOptions, IBatchSource> open, Func<Invocation, EvaluationSet> heldOut)
    {
        _open = open;
        _heldOut = heldOut;
    }

    /// <summary>What tokenising did, for the run's report.</summary>
    public TokenizeReport? Tokenized { get; init; }

    /// <summary>Samples on whose answers <see cref="TrainingOptions.Drift"/> is measured; needed with it. <see cref="TrainingOptions.StepBudget"/> is measured on them too.</summary>
    public IReadOnlyList<TokenizedSample> Anchors { get; init; } = [];

    /// <summary>Samples of the new task on whose answers <see cref="TrainingOptions.TaskDrift"/> is measured, and steps where there are no anchors: the first of those that are learnt from, unless others are given.</summary>
    public IReadOnlyList<TokenizedSample> TaskPrompts { get; init; } = [];

    /// <summary>Earlier skills whose loss is watched; none, the default, watches none.</summary>
    public IReadOnlyList<Canary> Canaries { get; init; } = [];

    /// <summary>Prompts with answers, or documents.</summary>
    /// <param name="train">Samples to learn from.</param>
    /// <param name="heldOut">Samples to evaluate on; may be empty.</param>
    /// <param name="tokenized">What tokenising did to <paramref name="train"/>, for the run's report.</param>
    public static TrainingData OfSamples(IReadOnlyList<TokenizedSample> train, IReadOnlyList<TokenizedSample> heldOut, TokenizeReport? tokenized = null) => new(
        (invocation, options) => new SampleBatchSource(invocation.ToLearn(train), options),
        invocation => EvaluationSet.OfSamples(invocation.Of(heldOut)))
    { Tokenized = tokenized, TaskPrompts = [.. train.Take(MostTaskPrompts)] };

    /// <summary>One long text, from which training draws windows.</summary>
    /// <param name="train">Tokens to learn from.</param>
    /// <param name="heldOut">Tokens to evaluate on; may be empty.</param>
    public static TrainingData OfStream(int[] train, int[] heldOut) => new(
        (_, options) => new StreamBatchSource(train, options),
        _ => EvaluationSet.OfStream(heldOut));

    /// <summary>Any source, such as a mixture of new data and replay.</summary>
    /// <param name="open">Opens the source with a run's batch options. Samples must carry the adapter's own invocation points.</param>
    /// <param name="heldOut">What to evaluate on.</param>
    public static TrainingData OfSource(Func<BatchOptions, IBatchSource> open, EvaluationSet heldOut) => new((_, options) => open(options), _ => heldOut);

    /// <summary>New samples with replay of earlier skills mixed in by tokens, each earlier skill with the same share (<see cref="ReplaySource"/>).</summary>
    /// <param name="train">The new samples.</param>
    /// <param name="replay">Samples of every earlier skill; one list a skill, none for the first skill.</param>
    /// <param name="percent">Share of the tokens that is replay, 0 to 99; with 0 this is <see cref="OfSamples"/>.</param>
    /// <param name="heldOut">Samples to evaluate on; may be empty.</param>
    /// <param name="tokenized">What tokenising did to <paramref name="train"/>, for the run's report.</param>
    public static TrainingData OfReplay(
        IReadOnlyList<TokenizedSample> train,
        IReadOnlyList<IReadOnlyList<TokenizedSample>> replay,
        int percent,
        IReadOnlyList<TokenizedSample> heldOut,
        TokenizeReport? tokenized = null) => new(
        (invocation, options) => ReplaySource.Open(invocation.ToLearn(train, percent > 0 ? replay : []), [.. replay.Select(invocation.Of)], percent, options),
        invocation => EvaluationSet.OfSamples(invocation.Of(heldOut)))
        { Tokenized = tokenized, TaskPrompts = [.. train.Take(MostTaskPrompts)] };

    /// <summary>New samples, replay of earlier skills and dreams, by the shares of a policy.</summary>
    /// <param name="train">The new samples; at least one.</param>
    /// <param name="replay">Samples of every earlier skill; one list a skill, none for the first skill.</param>
    /// <param name="dreams">Generated samples; may be empty.</param>
    /// <param name="policy">The shares. What a part that is empty would have had goes to the new samples.</param>
    /// <param name="heldOut">Samples to evaluate on; may be empty.</param>
    /// <param name="tokenized">What tokenising did to <paramref name="train"/>, for the run's report.</param>
    public static TrainingData OfMix(
        IReadOnlyList<TokenizedSample> train,
        IReadOnlyList<IReadOnlyList<TokenizedSample>> replay,
        IReadOnlyList<TokenizedSample> dreams,
        MixPolicy policy,
        IReadOnlyList<TokenizedSample> heldOut,
        TokenizeReport? tokenized = null) => new(
        (invocation, options) => policy.Open(invocation.ToLearn(train), [.. replay.Select(invocation.Of)], invocation.Of(dreams), options),
        invocation => EvaluationSet.OfSamples(invocation.Of(heldOut)))
        { Tokenized = tokenized, TaskPrompts = [.. train.Take(MostTaskPrompts)] };

    /// <summary>Several parts, each with a share of its own.</summary>
    /// <param name="parts">The parts, the new samples first; their shares add to 100.</param>
    /// <param name="heldOut">Samples to evaluate on; may be empty.</param>
    public static TrainingData OfParts(IReadOnlyList<MixPart> parts, IReadOnlyList<TokenizedSample> heldOut) => new(
        (invocation, options) => new ReplaySource([.. parts.Select(part => part with { Samples = invocation.Of(part.Samples) })], options),
        invocation => EvaluationSet.OfSamples(invocation.Of(heldOut)))
        { TaskPrompts = [.. parts[0].Samples.Take(MostTaskPrompts)] };

    internal IBatchSource Open(Invocation invocation, BatchOptions options) => _open(invocation, options);

    internal EvaluationSet HeldOut(Invocation invocation) => _heldOut(invocation);
}
