using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Models;

/// <summary>
/// Grouped-query attention with rotary positions: <c>softmax(QKᵀ / √E) V</c>, where several query heads share one key/value head.
/// See <see href="https://arxiv.org/abs/2305.13245">GQA</see>.
/// </summary>
/// <remarks>Shapes: B batch, T tokens, S cached and new tokens, D hidden, H heads, K key/value heads, E head size.</remarks>
internal sealed class Attention : nn.Module<Tensor, LayerPass, Tensor>
{
    [ComponentName(Name = "q_proj")] private readonly Projection _query;
    [ComponentName(Name = "k_proj")] private readonly Projection _key;
    [ComponentName(Name = "v_proj")] private readonly Projection _value;
    [ComponentName(Name = "o_proj")] private readonly Projection _output;
    [ComponentName(Name = "q_norm")] private readonly RmsNorm? _queryNorm;
    [ComponentName(Name = "k_norm")] private readonly RmsNorm? _keyNorm;
    private readonly ModelConfig _config;
    private readonly int _layer;

    public Attention(WeightScope weights, ModelConfig config, int layer)
        : base(nameof(Attention))
    {
        _config = config;
        _layer = layer;
        var (queries, keys) = ((long)config.Heads * config.HeadSize, (long)config.KeyValueHeads * config.HeadSize);
        _query = new Projection(weights.In("q_proj"), config.HiddenSize, queries, config.QkvBias);
        _key = new Projection(weights.In("k_proj"), config.HiddenSize, keys, config.QkvBias);
        _value = new Projection(weights.In("v_proj"), config.HiddenSize, keys, config.QkvBias);
        _output = new Projection(weights.In("o_proj"), queries, config.HiddenSize, config.OutputBias);
        if (config.QkNorm)
        {
            _queryNorm = new RmsNorm(weights.In("q_norm"), config.HeadSize, config.NormEpsilon);
            _keyNorm = new RmsNorm(weights.In("k_norm"), config.HeadSize, config.NormEpsilon);
        }

        RegisterComponents();
    }

    public override Tensor forward(Tensor hidden, LayerPass pass)
    {
        using var scope = NewDisposeScope();
        var (batch, tokens) = (hidden.shape[0], hidden.shape[1]);

        var queries = pass.Rotation.Apply(Split(_query.call(hidden, pass.Delta), _queryNorm));   // (B, T, D) -> (B, H, T, E)
        var keys = pass.Rotation.Apply(Split(_key.call(hidden, pass.Delta), _keyNorm));          // (B, T, D) -> (B, K, T, E)
        var values = Split(_value.call(hidden, pass.Delta), norm: null);                         // (B, T, D) -> (B, K, T, E)
        if (pass.Cache is { } cache)
        {
            (keys, values) = cache.Append(_layer, keys, values);                                 // (B, K, S, E)
        }

        var mixed = Attend(queries, keys, values, pass.Mask.For(_config.WindowOf(_layer)), pass.Mask.IsCausal);
        var joined = mixed.transpose(1, 2).reshape(batch, tokens, -1);                           // (B, H, T, E) -> (B, T, H·E)
        return _output.call(joined, pass.Delta).MoveToOuterDisposeScope();
    }

    private Tensor Split(Tensor projected, RmsNorm? norm)
    {
        var heads = projected.view(projected.shape[0], projected.shape[1], -1, _config.HeadSize);
        return (norm is null ? heads : norm.call(heads)).transpose(1, 2);
    }

    private Tensor Attend(Tensor queries, Tensor keys, Tensor values, Tensor? mask, bool isCausal)
    {
        if (FewTokens.CanAttend(queries, keys, values))
        {
            return FewTokens.Attend(queries, keys, values, mask);
        }

        var share = _config.QueriesPerKeyValueHead;
        if (share == 1)
        {
            return nn.functional.scaled_dot_product_attention(queries, keys, values, mask, is_casual: isCausal && mask is null);
        }

        var (batch, heads, tokens, size) = (queries.shape[0], keys.shape[1], queries.shape[2], queries.shape[3]);
        if (tokens == 1)
        {
            // One token: the queries that share a key/value head become its rows, and the cache is read in place.
            var grouped = queries.view(batch, heads, share, size);                                                   // (B, K, H/K, E)
            return nn.functional.scaled_dot_product_attention(grouped, keys, values, mask).reshape(queries.shape);      // (B, H, 1, E)
        }

        return nn.functional.scaled_dot_product_attention(
            queries, keys.repeat_interleave(share, 1), values.repeat_interleave(share, 1), mask, is_casual: isCausal && mask is null);
    }
}
