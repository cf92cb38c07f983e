using System.Buffers;
using System.Text;
using Microsoft.ML.Tokenizers;

namespace DyLoraMoe.Core.Tokenization.BytePair;

/// <summary>
/// A byte-pair tokenizer for text without added tokens. Beside the package's own it knows byte fallback and
/// <c>ignore_merges</c>, splits by code points rather than UTF-16 units, and takes n log n time on a long piece.
/// </summary>
internal sealed class BytePairTokenizer(BytePairModel model, TokenTable tokens, Normalizer? normalizer, PreTokenizer? preTokenizer) : Tokenizer
{
    public override Normalizer? Normalizer => normalizer;

    public override PreTokenizer? PreTokenizer => preTokenizer;

    public override string Decode(IEnumerable<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        ArrayBufferWriter<byte> bytes = new();
        foreach (var id in ids)
        {
            bytes.Write(tokens.Bytes(id));
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    public override OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten)
    {
        ArgumentNullException.ThrowIfNull(ids);
        (idsConsumed, charsWritten) = (0, 0);
        ArrayBufferWriter<byte> pending = new();
        var pendingIds = 0;
        foreach (var id in ids)
        {
            pending.Write(tokens.Bytes(id));
            pendingIds++;
            if (Rune.DecodeLastFromUtf8(pending.WrittenSpan, out _, out _) != OperationStatus.Done && pending.WrittenCount > 0)
            {
                continue;
            }

            if (!Encoding.UTF8.TryGetChars(pending.WrittenSpan, destination[charsWritten..], out var written))
            {
                return OperationStatus.DestinationTooSmall;
            }

            charsWritten += written;
            idsConsumed += pendingIds;
            pendingIds = 0;
            pending.ResetWrittenCount();
        }

        return pendingIds == 0 ? OperationStatus.Done : OperationStatus.InvalidData;
    }

    /// <summary>Appends the ids of text that is normalized already.</summary>
    internal void EncodeNormalized(string text, List<int> ids)
    {
        if (preTokenizer is null)
        {
            model.Encode(text, ids);
            return;
        }

        foreach (var (offset, length) in preTokenizer.PreTokenize(text))
        {
            model.Encode(text.AsSpan(offset, length), ids);
        }
    }

    protected override EncodeResults<int> EncodeToIds(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        if (settings.MaxTokenCount != int.MaxValue || !settings.ConsiderPreTokenization)
        {
            return base.EncodeToIds(text, textSpan, settings);
        }

        var (original, normalized) = Normalize(text, textSpan, settings);
        List<int> ids = [];
        EncodeNormalized(normalized ?? original, ids);
        return new EncodeResults<int> { Tokens = ids, NormalizedText = normalized, CharsConsumed = (normalized ?? original).Length };
    }

    protected override EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(settings.MaxTokenCount);
        var (original, normalized) = Normalize(text, textSpan, settings);
        var source = normalized ?? original;
        IEnumerable<(int Offset, int Length)> stretches = settings.ConsiderPreTokenization && preTokenizer is not null
            ? preTokenizer.PreTokenize(source)
            : [(0, source.Length)];
        List<EncodedToken> result = [];
        var consumed = source.Length;
        foreach (var (offset, length) in stretches)
        {
            AddTokens(source.AsSpan(offset, length), offset, result);
            if (result.Count > settings.MaxTokenCount)
            {
                consumed = result[settings.MaxTokenCount].Offset.Start.Value;
                result.RemoveRange(settings.MaxTokenCount, result.Count - settings.MaxTokenCount);
                break;
            }
        }

        return new EncodeResults<EncodedToken> { Tokens = result, NormalizedText = normalized, CharsConsumed = consumed };
    }

    private void AddTokens(ReadOnlySpan<char> stretch, int offset, List<EncodedToken> result)
    {
        List<int> ids = [];
        List<int> starts = [];
        model.Encode(stretch, ids, starts);
        for (var i = 0; i < ids.Count; i++)
        {
            // A token that starts within a character shares that character with the token before it.
            var end = i + 1 < ids.Count ? Math.Max(starts[i + 1], starts[i] + 1) : stretch.Length;
            result.Add(new EncodedToken(ids[i], tokens.Text(ids[i]) ?? string.Empty, (offset + starts[i])..(offset + end)));
        }
    }

    private (string Original, string? Normalized) Normalize(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        var original = text ?? textSpan.ToString();
        return (original, settings.ConsiderNormalization ? normalizer?.Normalize(original) : null);
    }
}
