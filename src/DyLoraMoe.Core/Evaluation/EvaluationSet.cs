using System.Runtime.InteropServices;
using System.Security.Cryptography;
using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Core.Evaluation;

/// <summary>Held-out data: samples, or one long stream of tokens.</summary>
public sealed class EvaluationSet
{
    private readonly IReadOnlyList<TokenizedSample> _samples;
    private readonly int[]? _stream;

    private EvaluationSet(IReadOnlyList<TokenizedSample> samples, int[]? stream)
    {
        _samples = samples;
        _stream = stream;
    }

    /// <summary>No data.</summary>
    public static EvaluationSet Empty { get; } = OfSamples([]);

    /// <summary>Samples, each scored on its own. Their targets are those that the tokenizing options chose.</summary>
    /// <param name="samples">The samples.</param>
    public static EvaluationSet OfSamples(IReadOnlyList<TokenizedSample> samples) => new(samples, null);

    /// <summary>A stream, cut into consecutive windows; every token but the first is predicted once.</summary>
    /// <param name="stream">The tokens.</param>
    public static EvaluationSet OfStream(int[] stream) => new([], stream);

    /// <summary>The samples; none of a stream.</summary>
    internal IReadOnlyList<TokenizedSample> Samples => _samples;

    /// <summary>Whether there is nothing to predict.</summary>
    public bool IsEmpty => _stream is null ? _samples.Count == 0 : _stream.Length < 2;

    /// <summary>Samples, or windows of a stream with these options.</summary>
    internal int Count(EvaluationOptions options) => _stream is null ? _samples.Count : (_stream.Length - 2 + options.WindowLength) / options.WindowLength;

    /// <summary>Names the data, so that a run can tell that it goes on with the same.</summary>
    internal string Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes((_stream ?? []).AsSpan()));
        foreach (var sample in _samples)
        {
            hash.AppendData(MemoryMarshal.AsBytes((ReadOnlySpan<int>)[sample.Ids.Length, sample.LossStart, sample.InvocationStart]));
            hash.AppendData(MemoryMarshal.AsBytes(sample.Ids.AsSpan()));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Rows of one sample each, of similar length, so that little is padding and no attention mask is needed.</summary>
    internal IEnumerable<EvaluationBatch> Batches(EvaluationOptions options)
    {
        options.Validate();
        return _stream is { } stream ? Windows(stream, options) : Buckets(options);
    }

    private static IEnumerable<EvaluationBatch> Windows(int[] stream, EvaluationOptions options)
    {
        var batches = new BatchOptions { Rows = Math.Max(1, options.TokensPerBatch / options.WindowLength), RowLength = options.WindowLength };
        var first = 0;
        foreach (var batch in stream.Length < 2 ? [] : EvaluationPass.OverStream(stream, batches))
        {
            yield return new EvaluationBatch(batch, [.. Enumerable.Range(first, batch.Rows)], [.. new int[batch.Rows]]);
            first += batch.Rows;
        }
    }

    private IEnumerable<EvaluationBatch> Buckets(EvaluationOptions options)
    {
        var order = Enumerable.Range(0, _samples.Count).OrderByDescending(index => _samples[index].Positions).ToArray();
        for (var first = 0; first < order.Length;)
        {
            var length = _samples[order[first]].Positions;
            var rows = order.AsSpan(first, Math.Min(order.Length - first, Math.Max(1, options.TokensPerBatch / Math.Max(1, length)))).ToArray();
            var members = Array.ConvertAll(rows, index => options.AllTokens ? _samples[index] with { LossStart = 0 } : _samples[index]);
            yield return new EvaluationBatch(
                PackedBatch.Of(members, [.. Enumerable.Range(0, rows.Length).Select(row => new[] { row })], Math.Max(1, length)),
                rows,
                Array.ConvertAll(rows, index => _samples[index].LossStart));
            first += rows.Length;
        }
    }
}

/// <summary>Rows of one sample each.</summary>
/// <param name="Batch">The rows.</param>
/// <param name="Samples">Which sample each row holds.</param>
/// <param name="LossStarts">For each row, the first token that counts in the loss proper.</param>
internal sealed record EvaluationBatch(PackedBatch Batch, int[] Samples, int[] LossStarts);
