using System.Globalization;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Core.Memory.Dreams;

/// <summary>
/// How much likelier the expert finds an answer than the bare backbone does, against the same of real held-out answers: the share of those that gain less. An answer
/// that is not of the expert's kind gains less than nearly all of them.
/// </summary>
public sealed class LikelihoodCritic : IDreamCritic
{
    private readonly Func<IReadOnlyList<TokenizedSample>, CancellationToken, IReadOnlyList<double>> _gains;
    private readonly Func<DreamtAnswer, TokenizedSample> _tokenize;
    private readonly double[] _real;

    /// <summary>Calibrates it.</summary>
    /// <param name="evaluator">Measures losses of the backbone.</param>
    /// <param name="expert">The expert.</param>
    /// <param name="real">Held-out samples that the expert is good at; at least one.</param>
    /// <param name="tokenize">A dream as a sample.</param>
    /// <param name="least">The least share.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public LikelihoodCritic(
        LanguageModelEvaluator evaluator, LoraAdapter expert, IReadOnlyList<TokenizedSample> real, Func<DreamtAnswer, TokenizedSample> tokenize, double least, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        ArgumentNullException.ThrowIfNull(expert);
        ArgumentNullException.ThrowIfNull(real);
        ArgumentOutOfRangeException.ThrowIfZero(real.Count);
        _tokenize = tokenize;
        Least = least;
        var invocation = new Invocation(expert.Config);
        _gains = (samples, stop) =>
        {
            var bare = evaluator.Evaluate(EvaluationSet.OfSamples(samples), cancellation: stop).Samples;
            var own = evaluator.Evaluate(EvaluationSet.OfSamples(invocation.Of(samples)), expert, stop).Samples;
            return [.. bare.Zip(own, (before, after) => before.Loss - after.Loss)];
        };
        _real = [.. _gains(real, cancellation).Order()];
    }

    /// <inheritdoc/>
    public string Name => "likelihood";

    /// <inheritdoc/>
    public double Least { get; }

    /// <inheritdoc/>
    public IReadOnlyList<DreamVerdict> Judge(IReadOnlyList<DreamtAnswer> dreams, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(dreams);
        return dreams.Count == 0 ? [] : [.. _gains([.. dreams.Select(_tokenize)], cancellation).Select(Verdict)];
    }

    private DreamVerdict Verdict(double gain) => new(
        (double)_real.Count(real => real < gain) / _real.Length,
        string.Create(CultureInfo.InvariantCulture, $"gains {gain:0.0000} nats per token over the bare backbone; real answers {_real[0]:0.0000} to {_real[^1]:0.0000}"));
}
