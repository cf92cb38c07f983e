using static TorchSharp.torch;

namespace DyLoraMoe.Core.Adapters;

/// <summary>What one adapter has of one token's answer.</summary>
/// <param name="Row">The token.</param>
/// <param name="Adapter">The adapter's index.</param>
/// <param name="Weight">Its weight.</param>
internal readonly record struct AdapterShare(long Row, int Adapter, double Weight)
{
    /// <summary>Everything but the zeros.</summary>
    /// <param name="weights">Weight of every adapter in every row, (B, E), one token a row.</param>
    public static IReadOnlyList<AdapterShare> Of(Tensor weights)
    {
        using var scope = NewDisposeScope();
        var (rows, experts) = ((int)weights.shape[0], (int)weights.shape[1]);
        var values = weights.detach().to(ScalarType.Float32, CPU).contiguous().data<float>().ToArray();
        return [.. from row in Enumerable.Range(0, rows)
                   from adapter in Enumerable.Range(0, experts)
                   let weight = values[(row * experts) + adapter]
                   where weight != 0
                   select new AdapterShare(row, adapter, weight)];
    }
}
