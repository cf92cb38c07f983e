using DyLoraMoe.Core.Data;
using DyLoraMoe.Trainer.Predictions.World;

namespace DyLoraMoe.Trainer.Predictions.Trials;

/// <summary>What a run learns from, part by part.</summary>
/// <param name="world">The behaviours.</param>
/// <param name="tokenizer">Makes ids.</param>
/// <param name="options">What the run does.</param>
/// <param name="size">How much of it.</param>
internal sealed class TrialData(LetterWorld world, SampleTokenizer tokenizer, TrialOptions options, TrialSize size)
{
    private const double NoisyAnswers = 0.1;
    private const int ReplayPercent = 25;
    private const int DreamPercent = 25;
    private const int EarlierDocuments = 240;

    private readonly IReadOnlyList<TokenizedSample> _earlier = options.Mechanisms.HasFlag(Mechanisms.TwoStage) ? Examination.Earlier(tokenizer, EarlierDocuments) : [];
    private List<TokenizedSample> _dreams = [];

    /// <summary>What arrives, wrong answers included, in no order.</summary>
    public IReadOnlyList<Sample> Arriving { get; } = Arrive(world, options, size);

    /// <summary>The spans of the run, in order.</summary>
    public IReadOnlyList<Span> Spans { get; } = Span.Cut(options.IsStressed ? Span.Stressed : Span.Quiet, IsInOrder(options) ? LetterOperation.All.Count : 1);

    /// <summary>From where on there are dreams.</summary>
    public const double NightAt = 0.5;

    /// <summary>From now on a share of the tokens is this.</summary>
    /// <param name="dreams">The dreams; none changes nothing.</param>
    public void Add(IReadOnlyList<Sample> dreams) => _dreams = tokenizer.TokenizeAll(dreams);

    /// <summary>Whether other data begin to arrive with a span, for which a training of its own would begin.</summary>
    /// <param name="span">The span.</param>
    /// <param name="index">Its place among <see cref="Spans"/>.</param>
    public bool IsAnother(Span span, int index) => index > 0 && IsInOrder(options) && BlockOf(span) != BlockOf(Spans[index - 1]);

    /// <summary>A source for one span.</summary>
    /// <param name="span">The span.</param>
    /// <param name="batches">Shape and seed.</param>
    public IBatchSource Of(Span span, BatchOptions batches)
    {
        var fresh = tokenizer.TokenizeAll(span.Kind switch
        {
            SpanKind.Poisoned => world.Poison(64),
            SpanKind.Switched => [.. world.Narrow(size.NarrowSamples).Take(1)],
            _ => Block(span),
        });
        var mixed = new List<IReadOnlyList<TokenizedSample>>();
        var percent = 0;
        if (_earlier.Count > 0)
        {
            mixed.Add(_earlier);
            percent += ReplayPercent;
        }

        if (_dreams.Count > 0)
        {
            mixed.Add(_dreams);
            percent += DreamPercent;
        }

        return ReplaySource.Open(fresh, mixed, percent, batches);
    }

    private IReadOnlyList<Sample> Block(Span span)
    {
        if (!IsInOrder(options))
        {
            return Arriving;
        }

        var first = LetterOperation.All[BlockOf(span)];
        return [.. Arriving.Where(sample => LetterWorld.TaskOf(sample.Prompt)!.Operations[0] == first)];
    }

    private static int BlockOf(Span span) => span.Block(LetterOperation.All.Count);

    private static bool IsInOrder(TrialOptions options) => !options.IsMixed && !options.Mechanisms.HasFlag(Mechanisms.TwoStage);

    private static IReadOnlyList<Sample> Arrive(LetterWorld world, TrialOptions options, TrialSize size)
    {
        var right = options.Mechanisms.HasFlag(Mechanisms.Diversity) ? world.Diverse(size.Samples) : world.Narrow(size.NarrowSamples);
        return options.IsShuffled ? world.Shuffled(right) : options.IsStressed ? world.Noisy(right, NoisyAnswers) : right;
    }
}
