using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
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
    // All matrices of a model with 110 million weights, two cores: 9 ms with one row, where OpenBLAS takes 28, and 22 with 16, where it takes 41.
    public const int Most = 32;

    // Multiplications below which a second thread costs more than it brings.
    private const long LeastToShare = 1 << 18;

    // Outputs that a thread takes at a time.
    private const int Chunk = 64;

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
            var (from, to) = (chunk * Chunk, Math.Min(outputs, (chunk + 1) * Chunk));
            if (Vector512.IsHardwareAccelerated)
            {
                Multiply<SixteenLanes>((float*)x, rows, (float*)w, from, to, inputs, (float*)y, outputs);
            }
            else
            {
                Multiply<UsualLanes>((float*)x, rows, (float*)w, from, to, inputs, (float*)y, outputs);
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
            float* from = (float*)x + ((long)row * inputs), gate = (float*)g + ((long)row * ranks), to = (float*)y + ((long)row * outputs);
            if (Vector512.IsHardwareAccelerated)
            {
                AddLowRank<SixteenLanes>(to, outputs, from, inputs, (float*)a, (float*)b, gate, ranks);
            }
            else
            {
                AddLowRank<UsualLanes>(to, outputs, from, inputs, (float*)a, (float*)b, gate, ranks);
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

    /// <summary>Where the values lie. Whoever reads them keeps the tensor alive meanwhile.</summary>
    /// <param name="values">Plain values.</param>
    public static nint Memory(Tensor values) => (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(values.bytes));

    /// <summary>The same, as a span.</summary>
    /// <param name="values">Plain values.</param>
    public static Span<float> Values(Tensor values) => MemoryMarshal.Cast<byte, float>(values.bytes);

    /// <summary>Does the parts of some work, on several threads where it is worth it.</summary>
    /// <param name="parts">How many parts.</param>
    /// <param name="work">Multiplications of all.</param>
    /// <param name="part">Does one.</param>
    public static void Share(int parts, long work, Action<int> part) =>
        ThreadTeam.Shared.Run(work < LeastToShare ? 1 : get_num_threads(), parts, part);

    // A chunk of the outputs, for all rows: the matrix comes from memory once, for the first of them.
    private static void Multiply<T>(float* x, int rows, float* w, int from, int to, int inputs, float* y, int outputs)
        where T : struct, ILanes<T>
    {
        var width = rows == 1 ? RowKernels<T>.OutputsOfOne : RowKernels<T>.OutputsOfTwo;
        for (var output = from; output < to; output += width)
        {
            var count = Math.Min(width, to - output);
            var weights = w + ((long)output * inputs);
            if (rows == 1)
            {
                RowKernels<T>.One(x, weights, count, inputs, y + output);
                continue;
            }

            for (var row = 0; row < rows; row += RowKernels<T>.RowsOfTwo)
            {
                RowKernels<T>.Two(
                    x + ((long)row * inputs), Math.Min(RowKernels<T>.RowsOfTwo, rows - row), weights, count, inputs,
                    y + ((long)row * outputs) + output, outputs, isFirst: row == 0);
            }
        }
    }

    // One row's adapters.
    private static void AddLowRank<T>(float* y, int outputs, float* x, int inputs, float* down, float* up, float* gates, int ranks)
        where T : struct, ILanes<T>
    {
        var low = stackalloc float[RowKernels<T>.OutputsOfOne];
        for (var rank = 0; rank < ranks; rank += RowKernels<T>.OutputsOfOne)
        {
            var count = Math.Min(RowKernels<T>.OutputsOfOne, ranks - rank);
            if (new ReadOnlySpan<float>(gates + rank, count).ContainsAnyExcept(0f))
            {
                RowKernels<T>.One(x, down + ((long)rank * inputs), count, inputs, low);
                for (var at = 0; at < count; at++)
                {
                    low[at] *= gates[rank + at];
                }

                RowKernels<T>.Mix(y, low, count, up + ((long)rank * outputs), outputs);
            }
        }
    }
}
