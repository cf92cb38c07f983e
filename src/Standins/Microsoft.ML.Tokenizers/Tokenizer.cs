using System.Buffers;

namespace Microsoft.ML.Tokenizers;

/// <summary>Turns text into token ids and back.</summary>
public abstract class Tokenizer
{
    /// <summary>For derived tokenizers.</summary>
    protected Tokenizer()
    {
    }

    /// <summary>What cuts the text before the model sees it, or null.</summary>
    public virtual PreTokenizer? PreTokenizer => null;

    /// <summary>What rewrites the text first, or null.</summary>
    public virtual Normalizer? Normalizer => null;

    /// <summary>Ids of a text.</summary>
    public IReadOnlyList<int> EncodeToIds(string text, bool considerPreTokenization = true, bool considerNormalization = true)
        => EncodeToIds(text, text.AsSpan(), Settings(considerPreTokenization, considerNormalization)).Tokens;

    /// <summary>Ids of a text.</summary>
    public IReadOnlyList<int> EncodeToIds(ReadOnlySpan<char> text, bool considerPreTokenization = true, bool considerNormalization = true)
        => EncodeToIds(null, text, Settings(considerPreTokenization, considerNormalization)).Tokens;

    /// <summary>At most <paramref name="maxTokenCount"/> ids of a text, and how far they reach.</summary>
    public IReadOnlyList<int> EncodeToIds(string text, int maxTokenCount, out string? normalizedText, out int charsConsumed, bool considerPreTokenization = true, bool considerNormalization = true)
    {
        var result = EncodeToIds(text, text.AsSpan(), Settings(considerPreTokenization, considerNormalization, maxTokenCount));
        normalizedText = result.NormalizedText;
        charsConsumed = result.CharsConsumed;
        return result.Tokens;
    }

    /// <summary>At most <paramref name="maxTokenCount"/> ids of a text, and how far they reach.</summary>
    public IReadOnlyList<int> EncodeToIds(ReadOnlySpan<char> text, int maxTokenCount, out string? normalizedText, out int charsConsumed, bool considerPreTokenization = true, bool considerNormalization = true)
    {
        var result = EncodeToIds(null, text, Settings(considerPreTokenization, considerNormalization, maxTokenCount));
        normalizedText = result.NormalizedText;
        charsConsumed = result.CharsConsumed;
        return result.Tokens;
    }

    /// <summary>Tokens of a text, with their offsets.</summary>
    public IReadOnlyList<EncodedToken> EncodeToTokens(string text, out string? normalizedText, bool considerPreTokenization = true, bool considerNormalization = true)
    {
        var result = EncodeToTokens(text, text.AsSpan(), Settings(considerPreTokenization, considerNormalization));
        normalizedText = result.NormalizedText;
        return result.Tokens;
    }

    /// <summary>Tokens of a text, with their offsets.</summary>
    public IReadOnlyList<EncodedToken> EncodeToTokens(ReadOnlySpan<char> text, out string? normalizedText, bool considerPreTokenization = true, bool considerNormalization = true)
    {
        var result = EncodeToTokens(null, text, Settings(considerPreTokenization, considerNormalization));
        normalizedText = result.NormalizedText;
        return result.Tokens;
    }

    /// <summary>How many tokens a text takes.</summary>
    public int CountTokens(string text, bool considerPreTokenization = true, bool considerNormalization = true)
        => CountTokens(text, text.AsSpan(), Settings(considerPreTokenization, considerNormalization));

    /// <summary>How many tokens a text takes.</summary>
    public int CountTokens(ReadOnlySpan<char> text, bool considerPreTokenization = true, bool considerNormalization = true)
        => CountTokens(null, text, Settings(considerPreTokenization, considerNormalization));

    /// <summary>Where the longest start of a text ends that takes at most <paramref name="maxTokenCount"/> tokens.</summary>
    public int GetIndexByTokenCount(string text, int maxTokenCount, out string? normalizedText, out int tokenCount, bool considerPreTokenization = true, bool considerNormalization = true)
        => GetIndexByTokenCount(text, text.AsSpan(), Settings(considerPreTokenization, considerNormalization, maxTokenCount), false, out normalizedText, out tokenCount);

    /// <summary>Where the longest start of a text ends that takes at most <paramref name="maxTokenCount"/> tokens.</summary>
    public int GetIndexByTokenCount(ReadOnlySpan<char> text, int maxTokenCount, out string? normalizedText, out int tokenCount, bool considerPreTokenization = true, bool considerNormalization = true)
        => GetIndexByTokenCount(null, text, Settings(considerPreTokenization, considerNormalization, maxTokenCount), false, out normalizedText, out tokenCount);

    /// <summary>Where the longest end of a text starts that takes at most <paramref name="maxTokenCount"/> tokens.</summary>
    public int GetIndexByTokenCountFromEnd(string text, int maxTokenCount, out string? normalizedText, out int tokenCount, bool considerPreTokenization = true, bool considerNormalization = true)
        => GetIndexByTokenCount(text, text.AsSpan(), Settings(considerPreTokenization, considerNormalization, maxTokenCount), true, out normalizedText, out tokenCount);

    /// <summary>Where the longest end of a text starts that takes at most <paramref name="maxTokenCount"/> tokens.</summary>
    public int GetIndexByTokenCountFromEnd(ReadOnlySpan<char> text, int maxTokenCount, out string? normalizedText, out int tokenCount, bool considerPreTokenization = true, bool considerNormalization = true)
        => GetIndexByTokenCount(null, text, Settings(considerPreTokenization, considerNormalization, maxTokenCount), true, out normalizedText, out tokenCount);

    /// <summary>The text of a sequence of ids.</summary>
    public virtual string Decode(IEnumerable<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var known = ids as ICollection<int> ?? [.. ids];
        if (known.Count == 0)
        {
            return string.Empty;
        }

        var destination = new char[known.Count * 8];
        while (true)
        {
            switch (Decode(known, destination, out _, out var written))
            {
                case OperationStatus.Done:
                    return new string(destination, 0, written);
                case OperationStatus.DestinationTooSmall:
                    destination = new char[checked(destination.Length * 2)];
                    break;
                default:
                    throw new InvalidOperationException("The provided token IDs could not be decoded.");
            }
        }
    }

    /// <summary>Writes the text of a sequence of ids, as far as it fits.</summary>
    public abstract OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten);

    /// <summary>Ids of <paramref name="text"/>, or of <paramref name="textSpan"/> where it is null.</summary>
    protected virtual EncodeResults<int> EncodeToIds(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        var tokens = EncodeToTokens(text, textSpan, settings);
        return new EncodeResults<int>
        {
            Tokens = [.. tokens.Tokens.Select(token => token.Id)],
            NormalizedText = tokens.NormalizedText,
            CharsConsumed = tokens.CharsConsumed,
        };
    }

    /// <summary>Tokens of <paramref name="text"/>, or of <paramref name="textSpan"/> where it is null.</summary>
    protected abstract EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings);

    /// <summary>How many tokens <paramref name="text"/>, or <paramref name="textSpan"/> where it is null, takes.</summary>
    protected virtual int CountTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
        => EncodeToTokens(text, textSpan, settings).Tokens.Count;

    /// <summary>The index that splits off the tokens that fit, from the start or from the end.</summary>
    protected virtual int GetIndexByTokenCount(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings, bool fromEnd, out string? normalizedText, out int tokenCount)
    {
        var limit = settings.MaxTokenCount;
        if (fromEnd)
        {
            settings.MaxTokenCount = int.MaxValue;
        }

        var result = EncodeToTokens(text, textSpan, settings);
        var tokens = result.Tokens;
        normalizedText = result.NormalizedText;
        tokenCount = Math.Min(limit, tokens.Count);
        if (fromEnd)
        {
            return tokenCount > 0 ? tokens[^tokenCount].Offset.Start.Value : normalizedText?.Length ?? textSpan.Length;
        }

        return tokenCount > 0 ? tokens[tokenCount - 1].Offset.End.Value : 0;
    }

    private static EncodeSettings Settings(bool considerPreTokenization, bool considerNormalization, int maxTokenCount = int.MaxValue) => new()
    {
        ConsiderPreTokenization = considerPreTokenization,
        ConsiderNormalization = considerNormalization,
        MaxTokenCount = maxTokenCount,
    };
}
