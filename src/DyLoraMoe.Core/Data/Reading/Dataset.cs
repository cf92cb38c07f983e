namespace DyLoraMoe.Core.Data.Reading;

/// <summary>All samples of some files, with their digest and a report of the reading.</summary>
/// <param name="Samples">The samples, in the order of the files.</param>
/// <param name="Digest">Their name by content (<see cref="DatasetDigest"/>).</param>
/// <param name="Report">What reading came upon.</param>
public sealed record Dataset(IReadOnlyList<Sample> Samples, string Digest, ReadReport Report)
{
    /// <summary>Reads files that belong together.</summary>
    /// <exception cref="DatasetException">Something in them is not as it has to be, or there is no sample.</exception>
    public static Dataset Load(IReadOnlyList<string> paths, DatasetOptions options)
    {
        var reader = new DatasetReader(options);
        List<Sample> samples = [.. paths.SelectMany(reader.Read)];
        return samples.Count > 0
            ? new Dataset(samples, DatasetDigest.Of(samples), reader.Report)
            : throw new DatasetException(string.Join(", ", paths), 0, "at least one sample", reader.Report is { Skipped: > 0 and var left, FirstErrors: [var first, ..] } ? $"none; rows left out: {left}, the first because: {first.TrimEnd('.')}" : "none");
    }

    /// <summary>Reads one file.</summary>
    /// <exception cref="DatasetException">Something in it is not as it has to be, or there is no sample.</exception>
    public static Dataset Load(string path, DatasetOptions options) => Load([path], options);
}
