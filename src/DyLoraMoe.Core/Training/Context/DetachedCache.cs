using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Training;

/// <summary>
/// The contexts of a batch, before which its answers' own keys and values are put: [constant | with a gradient]. Nothing is stored, so that gradient
/// checkpointing may run a layer twice.
/// </summary>
/// <remarks>Shapes: B rows, K key/value heads, C positions of the longest row of contexts, A of the longest row of answers, E head size.</remarks>
/// <param name="layers">Keys and values of all rows, (B, K, C, E), padded at the end; of the caller's dispose scope.</param>
/// <param name="length">C.</param>
internal sealed class DetachedCache(IReadOnlyList<(Tensor Keys, Tensor Values)> layers, long length) : IKeyValueCache
{
    /// <inheritdoc/>
    public long Length => length;

    /// <summary>Lays the contexts of every row side by side. They may be disposed of afterwards.</summary>
    /// <param name="rows">The contexts of each row, in order.</param>
    /// <param name="length">Positions of the longest row.</param>
    public static DetachedCache Of(IReadOnlyList<IReadOnlyList<EncodedContext>> rows, long length)
    {
        using var _ = no_grad();
        if (rows is [[var only]])
        {
            return new DetachedCache([.. only.Layers.Select(layer => (layer.Keys.detach(), layer.Values.detach()))], length);
        }

        var like = rows.SelectMany(row => row).First().Layers;
        return new DetachedCache([.. like.Select((pair, layer) => (
            Laid(rows, length, pair.Keys, context => context.Layers[layer].Keys),
            Laid(rows, length, pair.Values, context => context.Layers[layer].Values)))], length);
    }

    /// <inheritdoc/>
    public (Tensor Keys, Tensor Values) Append(int layer, Tensor keys, Tensor values) =>
        (cat([layers[layer].Keys, keys], 2), cat([layers[layer].Values, values], 2));       // (B, K, C + A, E)

    private static Tensor Laid(IReadOnlyList<IReadOnlyList<EncodedContext>> rows, long length, Tensor like, Func<EncodedContext, Tensor> part)
    {
        var laid = zeros([rows.Count, like.shape[1], length, like.shape[3]], like.dtype, like.device);
        using var scope = NewDisposeScope();
        for (var row = 0; row < rows.Count; row++)
        {
            var used = 0L;
            foreach (var tokens in rows[row].Select(part))
            {
                laid[row].narrow(1, used, tokens.shape[2]).copy_(tokens[0]);                // (K, C, E)
                used += tokens.shape[2];
            }
        }

        return laid;
    }
}
