using static TorchSharp.torch;

namespace DyLoraMoe.Core.Models;

/// <summary>
/// Rotary position embedding in Hugging Face's half-split layout: dimension i turns with dimension i + E/2 by
/// <c>position · θ^(-2i/E)</c>. See <see href="https://arxiv.org/abs/2104.09864">RoFormer</see>.
/// </summary>
/// <remarks>Shapes: B batch, H heads, T tokens, E head size. The table grows with the longest position asked for.</remarks>
internal sealed class RotaryTable : IDisposable
{
    private readonly double[] _frequencies;
    private readonly Device _device;
    private readonly Lock _growing = new();
    private volatile Table _table;

    public RotaryTable(ModelConfig config, Device device)
    {
        _frequencies = [.. Enumerable.Range(0, config.HeadSize / 2).Select(pair =>
        {
            var frequency = Math.Pow(config.RopeTheta, -2.0 * pair / config.HeadSize);
            return config.RopeScaling?.Apply(frequency) ?? frequency;
        })];
        _device = device;
        _table = Build(Math.Min(config.MaxPositions, 512));
    }

    /// <summary>Cosines and sines for consecutive positions, each (T, E/2), in <paramref name="dtype"/>.</summary>
    public Rotation Consecutive(long first, long count, ScalarType dtype)
    {
        var table = Covering(first + count);
        return new Rotation(table.Cosine.narrow(0, first, count).to_type(dtype), table.Sine.narrow(0, first, count).to_type(dtype));
    }

    /// <summary>Cosines and sines for positions (B, T), each (B, 1, T, E/2). Every position must be below <paramref name="end"/>.</summary>
    public Rotation At(Tensor positions, long end, ScalarType dtype)
    {
        var table = Covering(end);
        var flat = positions.reshape(-1);
        var (batch, tokens) = (positions.shape[0], positions.shape[1]);
        return new Rotation(Gather(table.Cosine), Gather(table.Sine));

        Tensor Gather(Tensor values) => values.index_select(0, flat).view(batch, 1, tokens, -1).to_type(dtype);
    }

    public void Dispose() => _table.Dispose();

    private Table Covering(long positions)
    {
        if (_table.Cosine.shape[0] < positions)
        {
            lock (_growing)
            {
                if (_table.Cosine.shape[0] < positions)
                {
                    // The old table stays alive for passes that still read it; its finalizer frees it.
                    _table = Build(Math.Max(positions, _table.Cosine.shape[0] * 2));
                }
            }
        }

        return _table;
    }

    private Table Build(long positions)
    {
        using var scope = NewDisposeScope();
        // Built during a generation or not, the table must serve training later: inference tensors would not.
        using var _ = inference_mode(false);
        using var __ = no_grad();

        // Angles in float32, as the reference implementations compute them.
        var angles = outer(arange(positions, ScalarType.Float32), tensor(_frequencies, ScalarType.Float32));   // (P, E/2)
        return new Table(angles.cos().to(_device).DetachFromDisposeScope(), angles.sin().to(_device).DetachFromDisposeScope());
    }

    private sealed record Table(Tensor Cosine, Tensor Sine) : IDisposable
    {
        public void Dispose()
        {
            Cosine.Dispose();
            Sine.Dispose();
        }
    }
}

/// <summary>The turn to apply to queries and keys in one pass.</summary>
/// <param name="Cosine">Cosines, (T, E/2) or (B, 1, T, E/2).</param>
/// <param name="Sine">Sines of the same shape.</param>
internal sealed record Rotation(Tensor Cosine, Tensor Sine)
{
    /// <summary>Turns <paramref name="heads"/>, (B, H, T, E) -> (B, H, T, E).</summary>
    public Tensor Apply(Tensor heads)
    {
        if (FewTokens.IsOneEach(heads) && FewRows.IsPlain(Cosine) && FewRows.IsPlain(Sine))
        {
            return FewTokens.Turn(heads, Cosine, Sine);
        }

        using var scope = NewDisposeScope();
        var half = heads.shape[^1] / 2;
        var first = heads.narrow(-1, 0, half);
        var second = heads.narrow(-1, half, half);
        return cat([(first * Cosine) - (second * Sine), (second * Cosine) + (first * Sine)], -1).MoveToOuterDisposeScope();
    }
}
