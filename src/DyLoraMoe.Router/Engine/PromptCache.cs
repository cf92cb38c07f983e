using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Router.Engine;

/// <summary>
/// Keys and values of one prompt, filled from the front and then only read. Several may hold it; its memory is freed with the last.
/// </summary>
/// <remarks>Shapes: K key/value heads, P tokens of the prompt, E head size.</remarks>
internal sealed class PromptCache : IKeyValueCache, IDisposable
{
    private readonly Tensor[] _keys;
    private readonly Tensor[] _values;
    private readonly long[] _lengths;
    private int _holders = 1;

    /// <param name="config">The model's shape.</param>
    /// <param name="type">Element type.</param>
    /// <param name="device">Where.</param>
    /// <param name="tokens">Tokens of the whole prompt, P.</param>
    public PromptCache(ModelConfig config, ScalarType type, Device device, int tokens)
    {
        _keys = [.. Enumerable.Range(0, config.Layers).Select(_ => Make())];
        _values = [.. Enumerable.Range(0, config.Layers).Select(_ => Make())];
        _lengths = new long[config.Layers];
        Bytes = tokens * BytesPerToken(config, type);

        Tensor Make() => empty([1, config.KeyValueHeads, tokens, config.HeadSize], type, device).DetachFromDisposeScope();
    }

    public long Length => _lengths[^1];

    public long Bytes { get; }

    /// <summary>Bytes that one token takes in all layers.</summary>
    public static long BytesPerToken(ModelConfig config, ScalarType type) =>
        2L * config.Layers * config.KeyValueHeads * config.HeadSize * type switch
        {
            ScalarType.Float64 => 8,
            ScalarType.Float32 => 4,
            _ => 2,
        };

    public (Tensor Keys, Tensor Values) Append(int layer, Tensor keys, Tensor values)
    {
        var (length, total) = (_lengths[layer], _lengths[layer] + keys.shape[2]);
        Store(_keys[layer], keys, length);
        Store(_values[layer], values, length);
        _lengths[layer] = total;
        return (_keys[layer].narrow(2, 0, total), _values[layer].narrow(2, 0, total));
    }

    /// <summary>Views of a layer's first tokens, (1, K, count, E), in the caller's scope.</summary>
    public (Tensor Keys, Tensor Values) First(int layer, long count) => (_keys[layer].narrow(2, 0, count), _values[layer].narrow(2, 0, count));

    /// <summary>Takes over the first tokens of another prompt that begins alike.</summary>
    public void CopyFrom(PromptCache other, long count)
    {
        using var scope = NewDisposeScope();
        for (var layer = 0; layer < _keys.Length; layer++)
        {
            var (keys, values) = other.First(layer, count);
            Store(_keys[layer], keys, 0);
            Store(_values[layer], values, 0);
            _lengths[layer] = count;
        }
    }

    /// <summary>One more holder.</summary>
    public PromptCache Retain()
    {
        _holders++;
        return this;
    }

    /// <summary>One holder less.</summary>
    public void Dispose()
    {
        if (--_holders == 0)
        {
            foreach (var tensor in _keys.Concat(_values))
            {
                tensor.Dispose();
            }
        }
    }

    private static void Store(Tensor store, Tensor tokens, long first)
    {
        using var target = store.narrow(2, first, tokens.shape[2]);
        target.copy_(tokens);
    }
}
