using System.Text.RegularExpressions;
using DyLoraMoe.Core.Tokenization.Normalization;
using DyLoraMoe.Core.Tokenization.PreTokenization;
using Microsoft.ML.Tokenizers;

namespace DyLoraMoe.Core.Tokenization.Loading;

/// <summary>Reads the <c>normalizer</c> of a <c>tokenizer.json</c>.</summary>
internal static class NormalizerReader
{
    /// <summary>The normalizer, or null for none; <paramref name="prepends"/> says whether it puts something in front of each stretch.</summary>
    public static Normalizer? Read(JsonPart part, out bool prepends)
    {
        List<Func<string, string>> steps = [];
        prepends = false;
        if (!part.IsNull)
        {
            Add(part, steps, ref prepends);
        }

        return steps.Count == 0 ? null : new RewriteNormalizer(text => steps.Aggregate(text, (current, step) => step(current)));
    }

    private static void Add(JsonPart part, List<Func<string, string>> steps, ref bool prepends)
    {
        switch (part["type"].Text())
        {
            case "Sequence":
                foreach (var inner in part["normalizers"].Items())
                {
                    Add(inner, steps, ref prepends);
                }

                break;
            case "NFC":
                steps.Add(CanonicalComposition.Compose);
                break;
            case "NFD":
                steps.Add(CanonicalComposition.Decompose);
                break;
            case "Lowercase":
                steps.Add(text => text.ToLowerInvariant());
                break;
            case "Strip":
                var (left, right) = (part["strip_left"].Flag(true), part["strip_right"].Flag(true));
                steps.Add(text => Strip(text, left, right));
                break;
            case "Prepend":
                var prefix = part["prepend"].Text();
                steps.Add(text => text.Length > 0 ? prefix + text : text);
                prepends = true;
                break;
            case "Replace":
                steps.Add(Replacement(part));
                break;
            case var other:
                throw new NotSupportedException($"{part.Place} is a '{other}' normalizer. Supported: Sequence, NFC, NFD, Lowercase, Strip, Prepend, Replace.");
        }
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
