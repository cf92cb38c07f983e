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

        y[0] = Sum(a0, x, w, at, inputs);
        y[o1] = Sum(a1, x, w1, at, inputs);
        y[o2] = Sum(a2, x, w2, at, inputs);
        y[o3] = Sum(a3, x, w3, at, inputs);
        y[o4] = Sum(a4, x, w4, at, inputs);
        y[o5] = Sum(a5, x, w5, at, inputs);
        y[o6] = Sum(a6, x, w6, at, inputs);
        y[o7] = Sum(a7, x, w7, at, inputs);
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
        var (o1, o2, o3) = (Math.Min(1, outputs - 1), Math.Min(2, outputs - 1), outputs - 1);
        float* w1 = w + ((long)o1 * inputs), w2 = w + ((long)o2 * inputs), w3 = w + ((long)o3 * inputs);
        float* x1 = rows > 1 ? x + inputs : x, y1 = rows > 1 ? y + stride : y;
        nint next = (nint)OutputsOfTwo * inputs;
        T a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
        nint at = 0, last = inputs - T.Count;
        for (; at <= last; at += T.Count)
        {
            if (Sse.IsSupported && isFirst)
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

        y[0] = Sum(a0, x, w, at, inputs);
        y[o1] = Sum(a1, x, w1, at, inputs);
        y[o2] = Sum(a2, x, w2, at, inputs);
        y[o3] = Sum(a3, x, w3, at, inputs);
        y1[0] = Sum(b0, x1, w, at, inputs);
        y1[o1] = Sum(b1, x1, w1, at, inputs);
        y1[o2] = Sum(b2, x1, w2, at, inputs);
        y1[o3] = Sum(b3, x1, w3, at, inputs);
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
            T a = T.Load(y + at), b = T.Load(y + at + T.Count);
            for (var row = 0; row < rows; row++)
            {
                var factor = T.Of(factors[row]);
                var from = x + ((long)row * count) + at;
                a = T.MultiplyAdd(factor, T.Load(from), a);
                b = T.MultiplyAdd(factor, T.Load(from + T.Count), b);
            }

            a.Store(y + at);
            b.Store(y + at + T.Count);
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

    private static float Sum(T sums, float* x, float* w, nint from, nint to)
    {
        var sum = sums.Sum();
        for (var at = from; at < to; at++)
        {
            sum += x[at] * w[at];
        }

        return sum;
    }
}
