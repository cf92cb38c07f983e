using static TorchSharp.torch;

namespace DyLoraMoe.Core.Models;

/// <summary>
/// Keys and values of the tokens that a batch has seen, per layer. Grows by doubling; <see cref="Truncate"/> takes
/// tokens back, so that the last prompt token can be run again with another adapter.
/// </summary>
/// <remarks>Shapes: B batch, K key/value heads, S tokens, E head size.</remarks>
public sealed class KeyValueCache : IKeyValueCache, IDisposable
{
    private readonly Tensor?[] _keys;
    private readonly Tensor?[] _values;
    private readonly long[] _lengths;

    /// <summary>An empty cache.</summary>
    /// <param name="layers">Number of decoder layers.</param>
    /// <param name="capacity">Tokens to make room for at first.</param>
    public KeyValueCache(int layers, long capacity = 64)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(layers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        _keys = new Tensor?[layers];
        _values = new Tensor?[layers];
        _lengths = new long[layers];
        Capacity = capacity;
    }

    /// <inheritdoc/>
    public long Length => _lengths[^1];

    private long Capacity { get; set; }

    /// <inheritdoc/>
    public (Tensor Keys, Tensor Values) Append(int layer, Tensor keys, Tensor values)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(values);
        var length = _lengths[layer];
        var total = length + keys.shape[2];
        Reserve(layer, total, keys);
        Store(_keys[layer]!, keys, length);
        Store(_values[layer]!, values, length);
        _lengths[layer] = total;
        return (_keys[layer]!.narrow(2, 0, total), _values[layer]!.narrow(2, 0, total));
    }

    /// <summary>Forgets everything after the first <paramref name="length"/> tokens.</summary>
    /// <param name="length">Tokens to keep; at most <see cref="Length"/>.</param>
    public void Truncate(long length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Array.Fill(_lengths, length);
    }

    /// <summary>Frees the cache's memory.</summary>
    public void Dispose()
    {
        for (var layer = 0; layer < _keys.Length; layer++)
        {
            _keys[layer]?.Dispose();
            _values[layer]?.Dispose();
        }
    }

    private static void Store(Tensor store, Tensor tokens, long first)
    {
        using var target = store.narrow(2, first, tokens.shape[2]);
        target.copy_(tokens);
    }

    private void Reserve(int layer, long tokens, Tensor like)
    {
        while (Capacity < tokens)
        {
            Capacity *= 2;
        }

        _keys[layer] = Grown(_keys[layer], _lengths[layer], like);
        _values[layer] = Grown(_values[layer], _lengths[layer], like);
    }

    private Tensor Grown(Tensor? store, long used, Tensor like)
    {
        if (store is not null && store.shape[2] >= Capacity)
        {
            return store;
        }

        var shape = like.shape;
        shape[2] = Capacity;
        var larger = empty(shape, like.dtype, like.device).DetachFromDisposeScope();
        if (store is not null)
        {
            using var kept = store.narrow(2, 0, used);
            Store(larger, kept, 0);
            store.Dispose();
        }

        return larger;
    }
}
