using System.Collections.Concurrent;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Generation;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Trainer.Continual.Arms;
using DyLoraMoe.Trainer.Continual.Streams;

namespace DyLoraMoe.Trainer.Continual.Scoring;

/// <summary>How well one skill is answered.</summary>
/// <param name="Nats">Nats per answer token.</param>
/// <param name="Exact">Share of exact answers; null where none were generated.</param>
/// <param name="GenerationSeconds">Time it took to generate them.</param>
internal sealed record SkillScore(double Nats, double? Exact, double GenerationSeconds);

/// <summary>Scores that were computed in this process, by who answers and by test. Safe for several threads.</summary>
internal sealed class ScoreMemo
{
    private readonly ConcurrentDictionary<string, SkillScore> _scores = new(StringComparer.Ordinal);

    /// <summary>The score by that key, computed when it is not there yet.</summary>
    public SkillScore Of(string key, Func<SkillScore> compute) => _scores.TryGetValue(key, out var known) ? known : _scores[key] = compute();
}

/// <summary>Measures an arm on one skill's test: nats per answer token, and exact greedy answers up to the end of the line.</summary>
/// <param name="tokenizer">The backbone's tokenizer.</param>
/// <param name="memo">Scores that are known already.</param>
/// <param name="time">Measures how long generating takes.</param>
internal sealed class SkillScorer(TextTokenizer tokenizer, ScoreMemo memo, TimeProvider time)
{
    /// <summary>Scores what an arm answers.</summary>
    /// <param name="answerer">Who answers.</param>
    /// <param name="test">The test.</param>
    /// <param name="isEnd">Whether this is before the first or after the last visit.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public SkillScore Score(Answerer answerer, SkillTest test, bool isEnd, CancellationToken cancellation)
    {
        var generates = test.IsCorrect is not null && (isEnd || !test.GeneratesAtEnds);
        return memo.Of($"{answerer.Identity} {test.Digest} {generates}", () =>
        {
            var nats = Nats(answerer, test, cancellation);
            var started = time.GetTimestamp();
            double? exact = generates ? Exact(answerer, test, cancellation) : null;
            return new SkillScore(nats, exact, generates ? time.GetElapsedTime(started).TotalSeconds : 0);
        });
    }

    private static double Nats(Answerer answerer, SkillTest test, CancellationToken cancellation)
    {
        var evaluator = new LanguageModelEvaluator(answerer.Model);
        var set = EvaluationSet.OfSamples(test.Tokens);
        return (answerer.Bank is { } bank
            ? evaluator.Evaluate(set, bank, answerer.Weights!, cancellation)
            : evaluator.Evaluate(set, cancellation: cancellation)).Loss;
    }

    private double Exact(Answerer answerer, SkillTest test, CancellationToken cancellation)
    {
        var generator = new TextGenerator(answerer.Model, tokenizer);
        var rate = ExactMatchEvaluator.Of(generator, test.Tokens, answerer.Bank, answerer.Weights, test.GeneratesAtEnds ? [] : null, cancellation).Evaluate(test.Samples, test.IsCorrect).Rate;
        cancellation.ThrowIfCancellationRequested();
        return rate;
    }
}
