using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Core.Training;

/// <summary>
/// A packed batch in two: contexts, and answers with what an activated adapter reads of the prompt. An answer begins at the last position of its prompt, which
/// predicts its first token. Samples without a target are in neither.
/// </summary>
/// <remarks>Shapes: B rows, C positions of the longest row of contexts, A of the longest row of answers.</remarks>
internal sealed class ContextSplit
{
    private readonly PackedBatch _batch;
    private readonly List<Part>[] _rows;

    private ContextSplit(PackedBatch batch, List<Part>[] rows)
    {
        (_batch, _rows) = (batch, rows);
        ContextLength = rows.Max(row => row.Sum(part => part.Context));
        AnswerLength = rows.Max(row => row.Sum(part => part.Answer));
    }

    /// <summary>C.</summary>
    public int ContextLength { get; }

    /// <summary>A.</summary>
    public int AnswerLength { get; }

    /// <summary>Splits a batch.</summary>
    /// <param name="batch">The batch; at least one target.</param>
    /// <param name="isActivated">Whether the adapter acts from its invocation point on, which is then part of the answer.</param>
    public static ContextSplit Of(PackedBatch batch, bool isActivated) =>
        new(batch, [.. Enumerable.Range(0, batch.Rows).Select(row => PartsOf(batch, row, isActivated).ToList())]);

    /// <summary>The contexts of every row, in order.</summary>
    /// <param name="encode">Gives a context by its tokens.</param>
    public IReadOnlyList<IReadOnlyList<EncodedContext>> Contexts(Func<long[], EncodedContext> encode) =>
        [.. _rows.Select(row => row.Where(part => part.Context > 0).Select(part => encode(_batch.InputIds[part.Start..(part.Start + part.Context)])).ToList())];

    /// <summary>Something of the answers' positions, (B, A), row after row.</summary>
    /// <param name="values">The batch's, (B, T).</param>
    /// <param name="padding">What stands where no answer is.</param>
    public T[] Answers<T>(T[] values, T padding) => Laid(values, padding, AnswerLength, part => (part.Start + part.Context, part.Answer));

    /// <summary>Something of all positions that an answer may look at, (B, C + A): the contexts' and the answers'.</summary>
    public T[] Keys<T>(T[] values, T padding)
    {
        var contexts = Laid(values, padding, ContextLength, part => (part.Start, part.Context)).Chunk(Math.Max(1, ContextLength)).ToList();
        var answers = Answers(values, padding).Chunk(AnswerLength);
        return [.. answers.SelectMany((answer, row) => ContextLength == 0 ? answer : [.. contexts[row], .. answer])];
    }

    private T[] Laid<T>(T[] values, T padding, int length, Func<Part, (int Start, int Count)> range)
    {
        var laid = new T[_rows.Length * length];
        Array.Fill(laid, padding);
        for (var row = 0; row < _rows.Length; row++)
        {
            var at = row * length;
            foreach (var (start, count) in _rows[row].Select(range))
            {
                Array.Copy(values, start, laid, at, count);
                at += count;
            }
        }

        return laid;
    }

    private static IEnumerable<Part> PartsOf(PackedBatch batch, int row, bool isActivated)
    {
        var (at, end) = (row * batch.Length, (row + 1) * batch.Length);
        while (at < end && batch.SegmentIds[at] != 0)
        {
            var length = Length(batch.SegmentIds.AsSpan(at..end));
            var first = batch.Targets.AsSpan(at, length).IndexOfAnyExcept(PackedBatch.IgnoredTarget);
            if (first >= 0)
            {
                var invoked = isActivated ? batch.Activated.AsSpan(at, length).IndexOf(true) : -1;
                var context = invoked >= 0 ? Math.Min(first, invoked) : first;
                yield return new Part(at, context, length - context);
            }

            at += length;
        }
    }

    private static int Length(ReadOnlySpan<long> segments)
    {
        var end = segments.IndexOfAnyExcept(segments[0]);
        return end < 0 ? segments.Length : end;
    }

    private readonly record struct Part(int Start, int Context, int Answer);
}
