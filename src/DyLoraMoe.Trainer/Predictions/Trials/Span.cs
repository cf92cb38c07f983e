namespace DyLoraMoe.Trainer.Predictions.Trials;

/// <summary>A part of a run's budget with data of one kind.</summary>
/// <param name="From">Where it begins, as a share of the budget.</param>
/// <param name="To">Where it ends.</param>
/// <param name="Kind">What is done to it.</param>
internal sealed record Span(double From, double To, SpanKind Kind)
{
    /// <summary>What a run meets when nothing is wrong: halves, since dreams begin in the middle.</summary>
    public static IReadOnlyList<Span> Quiet { get; } = [new(0, 0.5, SpanKind.Usual), new(0.5, 1, SpanKind.Usual)];

    /// <summary>What a run meets under stress; a part of all answers is wrong besides.</summary>
    public static IReadOnlyList<Span> Stressed { get; } =
    [
        new(0, 0.3, SpanKind.Usual), new(0.3, 0.33, SpanKind.Poisoned), new(0.33, 0.5, SpanKind.Usual), new(0.5, 0.55, SpanKind.TooFast),
        new(0.55, 0.75, SpanKind.Usual), new(0.75, 0.85, SpanKind.Switched), new(0.85, 1, SpanKind.Usual),
    ];

    /// <summary>The spans cut so that none crosses a boundary between blocks of equal length.</summary>
    /// <param name="spans">The spans.</param>
    /// <param name="blocks">How many blocks.</param>
    public static IReadOnlyList<Span> Cut(IReadOnlyList<Span> spans, int blocks)
    {
        var cuts = spans.SelectMany(span => (double[])[span.From, span.To]).Concat(Enumerable.Range(0, blocks + 1).Select(block => (double)block / blocks)).Distinct().Order().ToList();
        return [.. cuts.Zip(cuts.Skip(1), (from, to) => new Span(from, to, spans.First(span => span.From <= from && from < span.To).Kind))];
    }

    /// <summary>The block that it lies in.</summary>
    /// <param name="blocks">How many blocks.</param>
    public int Block(int blocks) => (int)((From + To) / 2 * blocks);
}

/// <summary>What is done to a part of a run.</summary>
internal enum SpanKind
{
    /// <summary>Nothing.</summary>
    Usual,

    /// <summary>Prompts and answers are random letters.</summary>
    Poisoned,

    /// <summary>The rate is ten times as high.</summary>
    TooFast,

    /// <summary>One behaviour in one frame, and nothing else.</summary>
    Switched,
}
