using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Training;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Predictions.Trials;

/// <summary>The training of one run: a warm-up, a cosine down to a tenth over the whole budget, and a night in the middle where there are dreams.</summary>
/// <param name="options">What is run.</param>
/// <param name="training">Shape of the batches.</param>
/// <param name="step">What trains.</param>
/// <param name="data">What it learns from.</param>
/// <param name="night">Who dreams.</param>
/// <param name="examinee">The model as it is.</param>
/// <param name="guard">Watches over the steps; null where nobody does.</param>
/// <param name="heldOut">Held-out answers that steps are measured on.</param>
/// <param name="size">How long it is.</param>
internal sealed class TrialTraining(
    TrialOptions options,
    TrainingOptions training,
    TrainingStep step,
    TrialData data,
    TrialNight night,
    Examinee examinee,
    TrialGuard? guard,
    IReadOnlyList<TokenizedSample> heldOut,
    TrialSize size)
{
    private const int WarmUpSteps = 10;
    private const double FinalShare = 0.1;
    private const double TooFast = 10;
    private const int MeasureEvery = 16;
    private const int Measured = 8;

    private readonly long _budget = (long)(size.Tokens * options.Budget);
    private readonly List<double> _divergences = [];

    /// <summary>Tokens trained on.</summary>
    public long Tokens { get; private set; }

    /// <summary>Steps taken.</summary>
    public int Steps { get; private set; }

    /// <summary>Mean KL(before || after) of the steps that were measured, nats per answer token; NaN with an adapter.</summary>
    public double StepDivergence => _divergences.Count == 0 ? double.NaN : _divergences.Average();

    /// <summary>Whether <see cref="TrialOptions.Until"/> was reached.</summary>
    public bool IsReached { get; private set; }

    /// <summary>The night; null without one.</summary>
    public NightScore? Night { get; private set; }

    /// <summary>Trains to the end.</summary>
    /// <param name="told">Called with the tokens of each step.</param>
    /// <param name="cancellation">Stops between steps.</param>
    /// <returns>False where the loss is no number any more.</returns>
    public bool Run(Action<long> told, CancellationToken cancellation)
    {
        foreach (var (index, span) in data.Spans.Index())
        {
            if (span.From >= TrialData.NightAt && Night is null)
            {
                Dream(cancellation);
            }

            if (data.IsAnother(span, index))
            {
                step.ForgetNorms();
                guard?.BeginAnew();
            }

            var source = data.Of(span, new BatchOptions { Rows = training.Rows, RowLength = training.Context, Seed = ((ulong)options.Run * 100) + (ulong)index });
            while (!IsReached && Tokens < span.To * _budget)
            {
                cancellation.ThrowIfCancellationRequested();
                var before = Tokens;
                if (!Take(source, span))
                {
                    return false;
                }

                told(Tokens - before);
            }
        }

        guard?.Check();
        return true;
    }

    private void Dream(CancellationToken cancellation)
    {
        var source = options.Mechanisms.HasFlag(Mechanisms.Dreams) ? DreamSource.Filtered : options.Dreams;
        if (source == DreamSource.None)
        {
            return;
        }

        var (samples, score) = night.Dream(source, data.Arriving, options.Run, cancellation);
        data.Add(samples);
        Night = score;
    }

    private bool Take(IBatchSource source, Span span)
    {
        using var scope = NewDisposeScope();
        using var before = Steps % MeasureEvery == 0 ? LogProbabilities() : null;
        var batch = MicroBatches.Take(source, 1);
        if (guard is null)
        {
            step.Take(batch, Rate(span));
        }
        else
        {
            guard.Take(batch, Rate(span));
        }

        Tokens += batch.Tokens;
        Steps++;
        if (before is null)
        {
            return true;
        }

        if (step.TakeLoss() is { } loss && !double.IsFinite(loss))
        {
            return false;
        }

        if (options.Until is { } until)
        {
            IsReached = examinee.Nats(heldOut) <= until;
        }

        if (examinee.Adapter is null)
        {
            using var after = LogProbabilities();
            _divergences.Add((before.exp() * (before - after)).sum(-1).mean().item<float>());
        }

        return true;
    }

    private double Rate(Span span)
    {
        var warm = Math.Min(1, (Steps + 1.0) / WarmUpSteps);
        var cosine = FinalShare + ((1 - FinalShare) * (1 + Math.Cos(Math.PI * Math.Min(1, (double)Tokens / _budget))) / 2);
        return options.Rate * Math.Min(warm, cosine) * (span.Kind == SpanKind.TooFast ? TooFast : 1);
    }

    // Over the answers of some held-out samples, (N, V); the scope's.
    private Tensor LogProbabilities()
    {
        using var _ = no_grad();
        return cat([.. heldOut.Take(Measured).Select(sample =>
        {
            var logits = examinee.Model.forward(tensor(sample.Ids[..^1].Select(id => (long)id).ToArray(), [1, sample.Ids.Length - 1], device: examinee.Model.Device));
            return nn.functional.log_softmax(logits[0, TensorIndex.Slice(sample.AnswerStart - 1)], -1);
        })], 0);
    }
}
