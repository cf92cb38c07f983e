using System.Buffers;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace DyLoraMoe.Core.Models;

/// <summary>
/// What a layer does besides its matrices, for few tokens on a processor without a gradient. Such steps are hundreds of operations on some thousand
/// numbers each, where calling a library costs more than the arithmetic; here each is one. As with <see cref="FewRows"/>, what a row comes to does not
/// depend on its batch.
/// </summary>
/// <remarks>Shapes: B rows, T tokens, H heads, K key/value heads, S cached and new tokens, E head size, D width.</remarks>
internal static unsafe class FewTokens
{
    /// <summary>Whether this is one of those: the values of few tokens, of which no gradient is asked.</summary>
    /// <param name="values">(B, T, ...).</param>
    public static bool Are(Tensor values) => FewRows.IsPlain(values) && values.dim() > 2 && values.shape[0] * values.shape[1] <= FewRows.Most;

    /// <summary>The root mean square norm of every vector, in the shape of the input.</summary>
    /// <param name="input">(B, T, ..., D).</param>
    /// <param name="gain">(D).</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <param name="offset">Added to the gain.</param>
    public static Tensor Norm(Tensor input, Tensor gain, double epsilon, double offset)
    {
        var width = (int)gain.shape[0];
        var result = empty(input.shape, ScalarType.Float32);
        Span<float> x = FewRows.Values(input), y = FewRows.Values(result), gains = FewRows.Values(gain);
        for (var at = 0; at < x.Length; at += width)
        {
            Span<float> from = x.Slice(at, width), to = y.Slice(at, width);
            TensorPrimitives.Multiply(from, 1 / MathF.Sqrt((TensorPrimitives.SumOfSquares<float>(from) / width) + (float)epsilon), to);
            for (var i = 0; i < width; i++)
            {
                to[i] *= gains[i] + (float)offset;
            }
        }

        GC.KeepAlive(input);
        return result;
    }

    /// <summary><c>silu(gate) ⊙ up</c>, in the shape of both.</summary>
    /// <param name="gate">(B, T, D).</param>
    /// <param name="up">(B, T, D).</param>
    public static Tensor GatedSilu(Tensor gate, Tensor up)
    {
        var result = empty(gate.shape, ScalarType.Float32);
        Span<float> x = FewRows.Values(gate), y = FewRows.Values(result);
        TensorPrimitives.Sigmoid(x, y);
        TensorPrimitives.Multiply(y, x, y);
        TensorPrimitives.Multiply(y, FewRows.Values(up), y);
        GC.KeepAlive(gate);
        GC.KeepAlive(up);
        return result;
    }

    /// <summary>Whether this is one token in each of few rows.</summary>
    /// <param name="heads">(B, H, T, E).</param>
    public static bool IsOneEach(Tensor heads) => FewRows.IsPlain(heads) && heads.shape[2] == 1 && heads.shape[0] <= FewRows.Most;

    /// <summary>Turns the heads of one token a row by its position.</summary>
    /// <param name="heads">(B, H, 1, E).</param>
    /// <param name="cosine">(1, E/2), or (B, 1, 1, E/2).</param>
    /// <param name="sine">Of the same shape.</param>
    /// <returns>(B, H, 1, E).</returns>
    public static Tensor Turn(Tensor heads, Tensor cosine, Tensor sine)
    {
        var (rows, count, size) = ((int)heads.shape[0], (int)heads.shape[1], (int)heads.shape[3]);
        var half = size / 2;
        var result = empty(heads.shape, ScalarType.Float32);
        Span<float> x = FewRows.Values(heads), y = FewRows.Values(result), cosines = FewRows.Values(cosine), sines = FewRows.Values(sine);
        Span<float> turned = stackalloc float[half];
        for (var row = 0; row < rows; row++)
        {
            var turn = cosines.Length == half ? 0 : row * half;
            Span<float> c = cosines.Slice(turn, half), s = sines.Slice(turn, half);
            for (var head = 0; head < count; head++)
            {
                var at = ((row * count) + head) * size;
                Span<float> first = x.Slice(at, half), second = x.Slice(at + half, half);
                TensorPrimitives.Multiply(second, s, turned);
                TensorPrimitives.Multiply(first, c, y.Slice(at, half));
                TensorPrimitives.Subtract(y.Slice(at, half), turned, y.Slice(at, half));
                TensorPrimitives.Multiply(second, c, turned);
                TensorPrimitives.MultiplyAdd(first, s, turned, y.Slice(at + half, half));
            }
        }

        GC.KeepAlive(heads);
        GC.KeepAlive(cosine);
        GC.KeepAlive(sine);
        return result;
    }

    /// <summary>Whether one token a row can attend to these where they lie.</summary>
    /// <param name="queries">(B, H, 1, E).</param>
    /// <param name="keys">(B, K, S, E).</param>
    /// <param name="values">(B, K, S, E).</param>
    public static bool CanAttend(Tensor queries, Tensor keys, Tensor values) =>
        IsOneEach(queries) && HasWholeVectors(keys) && HasWholeVectors(values);

    /// <summary>Attention of one token a row: <c>softmax(QKᵀ / √E) V</c>.</summary>
    /// <param name="queries">(B, H, 1, E).</param>
    /// <param name="keys">(B, K, S, E), the new token's last.</param>
    /// <param name="values">(B, K, S, E).</param>
    /// <param name="mask">True where attention is allowed, (B or 1, 1, 1, S); null where it is everywhere.</param>
    /// <returns>(B, H, 1, E).</returns>
    public static Tensor Attend(Tensor queries, Tensor keys, Tensor values, Tensor? mask)
    {
        var (rows, heads, size) = ((int)queries.shape[0], (int)queries.shape[1], (int)queries.shape[3]);
        var (groups, length) = ((int)keys.shape[1], (int)keys.shape[2]);
        var result = empty(queries.shape, ScalarType.Float32);
        var allowed = mask is null ? default : new ReadOnlyMemory<bool>(mask.data<bool>().ToArray());
        var (q, k, v, y) = (FewRows.Memory(queries), Start(keys), Start(values), FewRows.Memory(result));
        var (keyStrides, valueStrides) = (keys.stride(), values.stride());
        FewRows.Share(rows * groups, 2L * rows * heads * length * size, part =>
        {
            var (row, group) = (part / groups, part % groups);
            var visible = allowed.IsEmpty ? default : allowed.Span.Slice(allowed.Length == length ? 0 : row * length, length);

            // What a row does not see at its start takes no part, so its sums are the same beside a longer row.
            var first = visible.IsEmpty ? 0 : Math.Max(0, visible.IndexOf(true));
            visible = visible.IsEmpty || !visible[first..].Contains(false) ? default : visible[first..];
            var key = (float*)k + (row * keyStrides[0]) + (group * keyStrides[1]) + ((long)first * size);
            var value = (float*)v + (row * valueStrides[0]) + (group * valueStrides[1]) + ((long)first * size);
            var scores = ArrayPool<float>.Shared.Rent(length - first);
            for (var head = part * (heads / groups); head < (part + 1) * (heads / groups); head++)
            {
                float* query = (float*)q + ((long)head * size), to = (float*)y + ((long)head * size);
                if (Vector512.IsHardwareAccelerated)
                {
                    Attend<SixteenLanes>(query, key, value, size, scores.AsSpan(0, length - first), visible, to);
                }
                else
                {
                    Attend<UsualLanes>(query, key, value, size, scores.AsSpan(0, length - first), visible, to);
                }
            }

            ArrayPool<float>.Shared.Return(scores);
        });
        GC.KeepAlive(queries);
        GC.KeepAlive(keys);
        GC.KeepAlive(values);
        return result;
    }

    private static nint Start(Tensor store) => FewRows.Memory(store.select(0, 0).select(0, 0));

    private static void Attend<T>(float* query, float* keys, float* values, int size, Span<float> scores, ReadOnlySpan<bool> visible, float* to)
        where T : struct, ILanes<T>
    {
        fixed (float* weights = scores)
        {
            RowKernels<T>.Each(query, keys, scores.Length, size, weights);
            for (var token = 0; token < visible.Length; token++)
            {
                scores[token] = visible[token] ? scores[token] : float.NegativeInfinity;
            }

            TensorPrimitives.Subtract(scores, TensorPrimitives.Max<float>(scores), scores);
            TensorPrimitives.Multiply(scores, 1 / MathF.Sqrt(size), scores);
            TensorPrimitives.Exp(scores, scores);
            var mixed = new Span<float>(to, size);
            mixed.Clear();
            RowKernels<T>.Mix(to, weights, scores.Length, values, size);
            TensorPrimitives.Multiply(mixed, 1 / TensorPrimitives.Sum<float>(scores), mixed);
        }
    }

    // Tokens of a head one after the other, however far apart heads and rows are.
    private static bool HasWholeVectors(Tensor store) =>
        store.device_type == TorchSharp.DeviceType.CPU && store.dtype == ScalarType.Float32 && !store.requires_grad
        && store.stride(3) == 1 && store.stride(2) == store.shape[3];
}
