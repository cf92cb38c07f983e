using DyLoraMoe.Core.Data;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Features;

/// <summary>
/// Random matrices with independent normal entries of variance 1 / K: products with them keep distances in the mean
/// (<see href="https://doi.org/10.1090/conm/026/737400">Johnson and Lindenstrauss</see>). Fixed by their seed on every machine.
/// </summary>
internal static class RandomProjection
{
    /// <summary>A matrix, (I, K) float32 on the CPU.</summary>
    public static Tensor Matrix(int inputs, int outputs, ulong seed)
    {
        var values = new float[(long)inputs * outputs];
        var random = new SeededRandom(seed, SeededRandom.Key("random projection"), (ulong)inputs, (ulong)outputs);
        var deviation = 1 / Math.Sqrt(outputs);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (float)(random.NextNormal() * deviation);
        }

        return tensor(values, [inputs, outputs]);
    }
}
