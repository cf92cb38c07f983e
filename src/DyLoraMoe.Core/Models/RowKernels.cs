using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace DyLoraMoe.Core.Models;

/// <summary>
/// The inner loops of <see cref="FewRows"/> and <see cref="FewTokens"/>. Whichever of them meets a row, and whatever rows are beside it, every output is one sum over the inputs
/// in the same order: what a row comes to does not depend on its batch.
/// </summary>
/// <typeparam name="T">The processor's width.</typeparam>
/// <remarks>
/// All read a matrix of <c>inputs</c> columns, row after row. One that has fewer outputs than places computes its last one again in place of those that
/// are not there.
/// </remarks>
internal static unsafe class RowKernels<T>
    where T : struct, ILanes<T>
{
    /// <summary>Outputs of <see cref="One"/>: as many streams from memory keep it busy without asking for lines ahead.</summary>
    public const int OutputsOfOne = 8;

    /// <summary>Rows of <see cref="Two"/>.</summary>
    public const int RowsOfTwo = 2;

    /// <summary>Outputs of <see cref="Two"/>.</summary>
    public const int OutputsOfTwo = 4;

    /// <summary>One row against up to eight outputs.</summary>
    public static void One(float* x, float* w, int outputs, int inputs, float* y)
    {
        var (o1, o2, o3, o4) = (Math.Min(1, outputs - 1), Math.Min(2, outputs - 1), Math.Min(3, outputs - 1), Math.Min(4, outputs - 1));
        var (o5, o6, o7) = (Math.Min(5, outputs - 1), Math.Min(6, outputs - 1), outputs - 1);
        float* w1 = w + ((long)o1 * inputs), w2 = w + ((long)o2 * inputs), w3 = w + ((long)o3 * inputs), w4 = w + ((long)o4 * inputs);
        float* w5 = w + ((long)o5 * inputs), w6 = w + ((long)o6 * inputs), w7 = w + ((long)o7 * inputs);
        T a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default, a6 = default, a7 = default;
        nint at = 0, last = inputs - T.Count;
        for (; at <= last; at += T.Count)
        {
            var u = T.Load(x + at);
            a0 = T.MultiplyAdd(u, T.Load(w + at), a0);
            a1 = T.MultiplyAdd(u, T.Load(w1 + at), a1);
            a2 = T.MultiplyAdd(u, T.Load(w2 + at), a2);
            a3 = T.MultiplyAdd(u, T.Load(w3 + at), a3);
            a4 = T.MultiplyAdd(u, T.Load(w4 + at), a4);
            a5 = T.MultiplyAdd(u, T.Load(w5 + at), a5);
            a6 = T.MultiplyAdd(u, T.Load(w6 + at), a6);
            a7 = T.MultiplyAdd(u, T.Load(w7 + at), a7);
        }

        var (first, second) = (T.Sums(a0, a1, a2, a3), T.Sums(a4, a5, a6, a7));
        for (; at < inputs; at++)
        {
            first += Vector128.Create(w[at], w1[at], w2[at], w3[at]) * x[at];
            second += Vector128.Create(w4[at], w5[at], w6[at], w7[at]) * x[at];
        }

        Write(first, Math.Min(4, outputs), y);
        if (outputs > 4)
        {
            Write(second, outputs - 4, y + 4);
        }
    }

    /// <summary>One row against any number of outputs, of few inputs each.</summary>
    public static void Each(float* x, float* w, int outputs, int inputs, float* y)
    {
        var output = 0;
        for (; output <= outputs - 4; output += 4)
        {
            float* w0 = w + ((long)output * inputs), w1 = w0 + inputs, w2 = w1 + inputs, w3 = w2 + inputs;
            T a0 = default, a1 = default, a2 = default, a3 = default;
            nint at = 0, last = inputs - T.Count;
            for (; at <= last; at += T.Count)
            {
                var u = T.Load(x + at);
                a0 = T.MultiplyAdd(u, T.Load(w0 + at), a0);
                a1 = T.MultiplyAdd(u, T.Load(w1 + at), a1);
                a2 = T.MultiplyAdd(u, T.Load(w2 + at), a2);
                a3 = T.MultiplyAdd(u, T.Load(w3 + at), a3);
            }

            var sums = T.Sums(a0, a1, a2, a3);
            for (; at < inputs; at++)
            {
                sums += Vector128.Create(w0[at], w1[at], w2[at], w3[at]) * x[at];
            }

            sums.Store(y + output);
        }

        if (output < outputs)
        {
            One(x, w + ((long)output * inputs), outputs - output, inputs, y + output);
        }
    }

    /// <summary>Up to two rows against up to four outputs, <paramref name="stride"/> apart from row to row.</summary>
    /// <param name="x">The rows.</param>
    /// <param name="rows">1 or 2.</param>
    /// <param name="w">The outputs' rows of the matrix.</param>
    /// <param name="outputs">1 to 4.</param>
    /// <param name="inputs">Columns.</param>
    /// <param name="y">Where the outputs go.</param>
    /// <param name="stride">From a row's outputs to the next one's.</param>
    /// <param name="isFirst">Whether nothing met these outputs before, so that the next ones have to be asked of memory now.</param>
    public static void Two(float* x, int rows, float* w, int outputs, int inputs, float* y, int stride, bool isFirst)
    {
        if (isFirst)
        {
            Two<Ahead>(x, rows, w, outputs, inputs, y, stride);
        }
        else
        {
            Two<NotAhead>(x, rows, w, outputs, inputs, y, stride);
        }
    }

    // Twice the same loop, since a question in it would be asked for every vector.
    private static void Two<TAhead>(float* x, int rows, float* w, int outputs, int inputs, float* y, int stride)
    {
        var (o1, o2, o3) = (Math.Min(1, outputs - 1), Math.Min(2, outputs - 1), outputs - 1);
        float* w1 = w + ((long)o1 * inputs), w2 = w + ((long)o2 * inputs), w3 = w + ((long)o3 * inputs);
        float* x1 = rows > 1 ? x + inputs : x, y1 = rows > 1 ? y + stride : y;
        nint next = (nint)OutputsOfTwo * inputs;
        T a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
        nint at = 0, last = inputs - T.Count;
        for (; at <= last; at += T.Count)
        {
            if (Sse.IsSupported && typeof(TAhead) == typeof(Ahead))
            {
                Sse.Prefetch0(w + at + next);
                Sse.Prefetch0(w1 + at + next);
                Sse.Prefetch0(w2 + at + next);
                Sse.Prefetch0(w3 + at + next);
            }

            var (u, v) = (T.Load(x + at), T.Load(x1 + at));
            var weight = T.Load(w + at);
            a0 = T.MultiplyAdd(u, weight, a0);
            b0 = T.MultiplyAdd(v, weight, b0);
            weight = T.Load(w1 + at);
            a1 = T.MultiplyAdd(u, weight, a1);
            b1 = T.MultiplyAdd(v, weight, b1);
            weight = T.Load(w2 + at);
            a2 = T.MultiplyAdd(u, weight, a2);
            b2 = T.MultiplyAdd(v, weight, b2);
            weight = T.Load(w3 + at);
            a3 = T.MultiplyAdd(u, weight, a3);
            b3 = T.MultiplyAdd(v, weight, b3);
        }

        var (first, second) = (T.Sums(a0, a1, a2, a3), T.Sums(b0, b1, b2, b3));
        for (; at < inputs; at++)
        {
            var column = Vector128.Create(w[at], w1[at], w2[at], w3[at]);
            first += column * x[at];
            second += column * x1[at];
        }

        Write(first, outputs, y);
        Write(second, outputs, y1);
    }

    /// <summary><c>y += Σ factor · x</c> over the rows of x.</summary>
    /// <param name="y">What grows.</param>
    /// <param name="factors">One for every row.</param>
    /// <param name="rows">How many.</param>
    /// <param name="x">The rows, one after the other.</param>
    /// <param name="count">Numbers in a row.</param>
    public static void Mix(float* y, float* factors, int rows, float* x, int count)
    {
        var at = 0;
        for (; at <= count - (2 * T.Count); at += 2 * T.Count)
        {
            // Rows in turns on two sums, so that no multiplication waits for the one before.
            T a = T.Load(y + at), b = T.Load(y + at + T.Count), c = default, d = default;
            var from = x + at;
            var row = 0;
            for (; row <= rows - 2; row += 2, from += 2 * (long)count)
            {
                var (factor, next) = (T.Of(factors[row]), T.Of(factors[row + 1]));
                a = T.MultiplyAdd(factor, T.Load(from), a);
                b = T.MultiplyAdd(factor, T.Load(from + T.Count), b);
                c = T.MultiplyAdd(next, T.Load(from + count), c);
                d = T.MultiplyAdd(next, T.Load(from + count + T.Count), d);
            }

            if (row < rows)
            {
                var factor = T.Of(factors[row]);
                a = T.MultiplyAdd(factor, T.Load(from), a);
                b = T.MultiplyAdd(factor, T.Load(from + T.Count), b);
            }

            T.Add(a, c).Store(y + at);
            T.Add(b, d).Store(y + at + T.Count);
        }

        for (; at < count; at++)
        {
            var sum = y[at];
            for (var row = 0; row < rows; row++)
            {
                sum += factors[row] * x[((long)row * count) + at];
            }

            y[at] = sum;
        }
    }

    private static void Write(Vector128<float> values, int count, float* y)
    {
        if (count == 4)
        {
            values.Store(y);
            return;
        }

        for (var at = 0; at < count; at++)
        {
            y[at] = values[at];
        }
    }

    private readonly struct Ahead;

    private readonly struct NotAhead;
}
