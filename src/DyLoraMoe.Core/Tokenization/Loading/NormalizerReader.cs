using System.Text.RegularExpressions;
using DyLoraMoe.Core.Tokenization.Normalization;
using DyLoraMoe.Core.Tokenization.PreTokenization;
using Microsoft.ML.Tokenizers;

namespace DyLoraMoe.Core.Tokenization.Loading;

/// <summary>What a <c>normalizer</c> comes to.</summary>
/// <param name="Normalizer">Rewrites a stretch, or null.</param>
/// <param name="Continuation">The same for a stretch that continues other text, or null.</param>
/// <param name="Prepends">Whether something is put in front of each stretch.</param>
internal sealed record Normalization(Normalizer? Normalizer, Normalizer? Continuation, bool Prepends);

/// <summary>Reads the <c>normalizer</c> of a <c>tokenizer.json</c>.</summary>
internal sealed class NormalizerReader
{
    private readonly List<Func<string, string>> _steps = [];
    private readonly List<Func<string, string>> _continuing = [];
    private bool _prepends;

    public static Normalization Read(JsonPart part)
    {
        NormalizerReader reader = new();
        if (!part.IsNull)
        {
            reader.Add(part);
        }

        return new Normalization(InOrder(reader._steps), InOrder(reader._continuing), reader._prepends);
    }

    private static RewriteNormalizer? InOrder(List<Func<string, string>> steps)
        => steps.Count == 0 ? null : new RewriteNormalizer(text => steps.Aggregate(text, (current, step) => step(current)));

    private void Add(JsonPart part)
    {
        switch (part["type"].Text())
        {
            case "Sequence":
                foreach (var inner in part["normalizers"].Items())
                {
                    Add(inner);
                }

                break;
            case "NFC":
                AddStep(CanonicalComposition.Compose);
                break;
            case "NFD":
                AddStep(CanonicalComposition.Decompose);
                break;
            case "Lowercase":
                AddStep(text => text.ToLowerInvariant());
                break;
            case "Strip":
                var (left, right) = (part["strip_left"].Flag(true), part["strip_right"].Flag(true));
                _steps.Add(text => Strip(text, left, right));
                _continuing.Add(text => Strip(text, left: false, right));
                break;
            case "Prepend":
                var prefix = part["prepend"].Text();
                _steps.Add(text => text.Length > 0 ? prefix + text : text);
                _prepends = true;
                break;
            case "Replace":
                AddStep(Replacement(part));
                break;
            case var other:
                throw new NotSupportedException($"{part.Place} is a '{other}' normalizer. Supported: Sequence, NFC, NFD, Lowercase, Strip, Prepend, Replace.");
        }
    }

    private void AddStep(Func<string, string> step)
    {
        _steps.Add(step);
        _continuing.Add(step);
    }

    private static string Strip(string text, bool left, bool right)
        => (left, right) switch
        {
            (true, true) => text.Trim(),
            (true, false) => text.TrimStart(),
            (false, true) => text.TrimEnd(),
            _ => text,
        };

    private static Func<string, string> Replacement(JsonPart part)
    {
        var content = part["content"].Text();
        if (part["pattern"]["String"].TextOrNull() is { } literal)
        {
            return literal.Length == 0
                ? throw part["pattern"].Wrong("a string of at least one character")
                : text => text.Replace(literal, content, StringComparison.Ordinal);
        }

        OnigurumaPattern pattern = new(part["pattern"]["Regex"].Text());
        return text => Replace(text, pattern, content);
    }

    private static string Replace(string text, OnigurumaPattern pattern, string content)
    {
        var characters = new char[text.Length];
        var starts = new int[text.Length + 1];
        var count = pattern.StandIn(text, characters, starts);
        System.Text.StringBuilder result = new(text.Length);
        var end = 0;
        try
        {
            foreach (var match in pattern.Regex.EnumerateMatches(characters.AsSpan(0, count)))
            {
                result.Append(text, end, starts[match.Index] - end).Append(content);
                end = starts[match.Index + match.Length];
            }
        }
        catch (RegexMatchTimeoutException error)
        {
            throw new InvalidDataException($"The normalizer pattern '{pattern.Source}' took over {error.MatchTimeout.TotalSeconds} s on one text. Use a pattern that does not backtrack without bound.", error);
        }

        return result.Append(text, end, text.Length - end).ToString();
    }
}
