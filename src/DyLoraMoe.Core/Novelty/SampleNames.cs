using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Safetensors;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Novelty;

/// <summary>
/// Numbers that samples are known by beside their descriptions, made of their content alone: the datasets of a skill may overlap, and what is kept of a skill must not grow with
/// every dataset that is added to it.
/// </summary>
internal static class SampleNames
{
    /// <summary>The names of samples, (N) int64.</summary>
    public static Tensor Of(IReadOnlyList<TokenizedSample> samples) => tensor(samples.Select(NameOf).ToArray());

    /// <summary>The names of a dataset's samples; in files of earlier versions, which name none, by their places.</summary>
    /// <param name="file">The file with their descriptions.</param>
    /// <param name="tensor">The tensor that holds them.</param>
    /// <param name="dataset">The dataset's digest.</param>
    /// <param name="count">How many samples it describes.</param>
    public static long[] Read(SafetensorsFile file, string tensor, string dataset, int count)
    {
        if (!file.Entries.ContainsKey(tensor))
        {
            var key = SeededRandom.Key(dataset);
            return [.. Enumerable.Range(0, count).Select(row => (long)new SeededRandom(key, (ulong)row).NextUInt64())];
        }

        using var names = file.Read(tensor);
        return names.data<long>().ToArray();
    }

    /// <summary>Places of different samples, in their order; the same samples whatever else was there and has gone.</summary>
    /// <param name="names">All names.</param>
    /// <param name="most">Most places.</param>
    public static int[] Choose(IReadOnlyList<long> names, int most) =>
        [.. Enumerable.Range(0, names.Count).DistinctBy(place => names[place]).OrderBy(place => names[place]).Take(most).Order()];

    private static long NameOf(TokenizedSample sample) => (long)new SeededRandom([(ulong)sample.AnswerStart, .. sample.Ids.Select(id => (ulong)id)]).NextUInt64();
}
