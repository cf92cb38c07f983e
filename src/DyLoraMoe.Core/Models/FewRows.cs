using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Models;

/// <summary>
/// Products of a matrix with few rows on a processor, which is what decoding consists of. BLAS copies the matrix into an order of its own first; for a
/// few rows that costs more than the product. Here the matrix is read once, where it lies, and every row meets it in the same order of sums
/// whatever other rows there are: what a row comes to does not depend on its batch.
/// </summary>
/// <remarks>Shapes: N rows, I input features, O output features, R ranks.</remarks>
internal static unsafe class FewRows
{
    // All matrices of a model with 110 million weights, two cores, against OpenBLAS: 13 ms for 28 with one row, 32 for 41 with 16. From 32 on little is left.
    private const int Most = 32;

    // Multiplications below which a second thread costs more than it brings.
    private const long LeastToShare = 1 << 18;

    // Outputs, or ranks, of one tile; and outputs that a thread takes at a time.
    private const int Width = 4;
    private const int Chunk = 16 * Width;

    // Ranks that a row's adapters have together.
    private const int UsualRanks = 16;

    /// <summary>Whether this is one of those products: it needs no gradient.</summary>
    /// <param name="input">(N, I).</param>
    /// <param name="weight">(O, I).</param>
    public static bool Are(Tensor input, Tensor weight) => input.shape[0] <= Most && IsPlain(input) && IsPlain(weight);

    /// <summary>(N, I) -> (N, O), as <c>linear</c> gives it but for rounding.</summary>
    /// <param name="input">(N, I).</param>
    /// <param name="weight">(O, I).</param>
    /// <param name="bias">(O), or null.</param>
    public static Tensor Linear(Tensor input, Tensor weight, Tensor? bias)
    {
        var (rows, inputs, outputs) = ((int)input.shape[0], (int)weight.shape[1], (int)weight.shape[0]);
        var result = empty([rows, outputs], ScalarType.Float32);
        var (x, w, y) = (Memory(input), Memory(weight), Memory(result));
        Share((outputs + Chunk - 1) / Chunk, (long)rows * inputs * outputs, chunk =>
        {
            for (var output = chunk * Chunk; output < Math.Min(outputs, (chunk + 1) * Chunk); output += Width)
            {
                for (var row = 0; row < rows; row += 2)
                {
                    Tile(
                        (float*)x + ((long)row * inputs), Math.Min(2, rows - row), (float*)w + ((long)output * inputs), Math.Min(Width, outputs - output), inputs,
                        (float*)y + ((long)row * outputs) + output, outputs);
                }
            }
        });
        GC.KeepAlive(input);
        GC.KeepAlive(weight);
        return bias is null ? result : result.add_(bias);
    }

    /// <summary><c>output += ((x Aᵀ) ⊙ gate) Up</c>, in place. Ranks that count nothing in a row cost it nothing.</summary>
    /// <param name="output">(N, O).</param>
    /// <param name="input">(N, I).</param>
    /// <param name="down">A, (R, I).</param>
    /// <param name="up">(R, O).</param>
    /// <param name="gates">What every rank counts in every row, (N, R).</param>
    public static void AddLowRank(Tensor output, Tensor input, Tensor down, Tensor up, Tensor gates)
    {
        var (rows, inputs, outputs, ranks) = ((int)input.shape[0], (int)down.shape[1], (int)up.shape[1], (int)down.shape[0]);
        var (x, a, b, g, y) = (Memory(input), Memory(down), Memory(up), Memory(gates), Memory(output));
        Share(rows, (long)rows * (inputs + outputs) * UsualRanks, row =>
        {
            var low = stackalloc float[Width];
            var gate = (float*)g + ((long)row * ranks);
            for (var rank = 0; rank < ranks; rank += Width)
            {
                var count = Math.Min(Width, ranks - rank);
                if (new ReadOnlySpan<float>(gate + rank, count).ContainsAnyExcept(0f))
                {
                    Tile((float*)x + ((long)row * inputs), 1, (float*)a + ((long)rank * inputs), count, inputs, low, Width);
                    for (var at = 0; at < count; at++)
                    {
                        Add((float*)y + ((long)row * outputs), low[at] * gate[rank + at], (float*)b + ((long)(rank + at) * outputs), outputs);
                    }
                }
            }
        });
        GC.KeepAlive(input);
        GC.KeepAlive(gates);
    }

    /// <summary>Whether these can be read where they lie.</summary>
    /// <param name="values">Any shape.</param>
    public static bool IsPlain(Tensor values) =>
        values.device_type == TorchSharp.DeviceType.CPU && values.dtype == ScalarType.Float32 && !values.requires_grad
        && values.is_contiguous() && values.numel() <= int.MaxValue / sizeof(float);

    private static nint Memory(Tensor values) => (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(values.bytes));

    private static void Share(int parts, long work, Action<int> part)
    {
        var threads = work < LeastToShare ? 1 : get_num_threads();
        if (threads == 1)
        {
            for (var at = 0; at < parts; at++)
            {
                part(at);
            }
        }
        else
        {
            Parallel.For(0, parts, new ParallelOptions { MaxDegreeOfParallelism = threads }, part);
        }
    }

    // Up to two rows against up to four outputs. One that is not full computes its last row and output again in place of those that are not there.
    private static void Tile(float* x, int rows, float* w, int outputs, int inputs, float* y, int stride)
    {
        var (o1, o2, o3) = (Math.Min(1, outputs - 1), Math.Min(2, outputs - 1), Math.Min(3, outputs - 1));
        float* w1 = w + ((long)o1 * inputs), w2 = w + ((long)o2 * inputs), w3 = w + ((long)o3 * inputs);
        float* x1 = rows > 1 ? x + inputs : x, y1 = rows > 1 ? y + stride : y;
        Vector<float> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
        var at = 0;
        for (; at <= inputs - Vector<float>.Count; at += Vector<float>.Count)
        {
            var (u, v) = (Vector.Load(x + at), Vector.Load(x1 + at));
            var weight = Vector.Load(w + at);
            a0 = Vector.MultiplyAddEstimate(u, weight, a0);
            b0 = Vector.MultiplyAddEstimate(v, weight, b0);
            weight = Vector.Load(w1 + at);
            a1 = Vector.MultiplyAddEstimate(u, weight, a1);
            b1 = Vector.MultiplyAddEstimate(v, weight, b1);
            weight = Vector.Load(w2 + at);
            a2 = Vector.MultiplyAddEstimate(u, weight, a2);
            b2 = Vector.MultiplyAddEstimate(v, weight, b2);
            weight = Vector.Load(w3 + at);
            a3 = Vector.MultiplyAddEstimate(u, weight, a3);
            b3 = Vector.MultiplyAddEstimate(v, weight, b3);
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

    private static float Sum(Vector<float> sums, float* x, float* w, int from, int to)
    {
        var sum = Vector.Sum(sums);
        for (var at = from; at < to; at++)
        {
            sum += x[at] * w[at];
        }

        return sum;
    }

    // y += factor · x.
    private static void Add(float* y, float factor, float* x, int count)
    {
        var factors = new Vector<float>(factor);
        var at = 0;
        for (; at <= count - Vector<float>.Count; at += Vector<float>.Count)
        {
            Vector.MultiplyAddEstimate(factors, Vector.Load(x + at), Vector.Load(y + at)).Store(y + at);
        }

        for (; at < count; at++)
        {
            y[at] += factor * x[at];
        }
    }
}
