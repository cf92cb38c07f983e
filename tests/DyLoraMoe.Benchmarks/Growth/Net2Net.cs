using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Benchmarks.Growth;

/// <summary>Growth as in Net2Net (Chen, Goodfellow and Shlens, <see href="https://arxiv.org/abs/1511.05641">arXiv:1511.05641</see>): what is new repeats what is there.</summary>
internal static class Net2Net
{
    /// <summary>Makes every new feed-forward neuron read what an old one reads, drawn at random; all that read the same share what the old one wrote.</summary>
    /// <param name="model">The grown model; new neurons, the last ones, have been added and write nothing. It changes, what it computes does not.</param>
    /// <param name="before">Neurons before.</param>
    /// <param name="seed">Seed of the draw.</param>
    public static void Duplicate(CausalLanguageModel model, int before, int seed)
    {
        using var _ = no_grad();
        foreach (var (name, parameter) in model.named_parameters().Where(each => each.name.Contains(".mlp.", StringComparison.Ordinal)))
        {
            using var scope = NewDisposeScope();
            var isWriter = name.Contains("down_proj.weight", StringComparison.Ordinal);
            var (sources, copies) = Draw(before, (int)parameter.shape[isWriter ? 1 : 0], seed);
            var chosen = parameter.index_select(isWriter ? 1 : 0, tensor(sources));
            parameter.copy_(isWriter ? chosen / tensor(Array.ConvertAll(sources, source => (float)copies[source])) : chosen);
        }
    }

    // The same draw in every layer; layers that are new have silent writers, so that it does not matter there.
    private static (long[] Sources, int[] Copies) Draw(int before, int after, int seed)
    {
        var random = new SeededRandom((ulong)seed, SeededRandom.Key("net2net"));
        long[] sources = [.. Enumerable.Range(0, before).Select(neuron => (long)neuron), .. Enumerable.Range(before, after - before).Select(_ => (long)random.Next(before))];
        var copies = new int[before];
        Array.ForEach(sources, source => copies[source]++);
        return (sources, copies);
    }
}
