using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace DyLoraMoe.Core.Tokenization.PreTokenization;

/// <summary>
/// A pattern of <c>tokenizer.json</c>, which is written for Oniguruma, as a .NET expression that matches the same text.
/// .NET sees UTF-16 units, so text goes in with every code point outside the basic plane replaced by a stand-in
/// of the same general category (<see cref="StandIn"/>), which is all that a pattern can ask about it.
/// </summary>
internal sealed class OnigurumaPattern
{
    private const int LongestPattern = 10_000;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly char[] _standIns;

    /// <exception cref="NotSupportedException">The pattern uses something that has no equivalent here.</exception>
    /// <exception cref="InvalidDataException">The pattern is not a valid expression.</exception>
    public OnigurumaPattern(string source)
    {
        Source = source;
        if (source.Length > LongestPattern)
        {
            throw new InvalidDataException($"A pre-tokenizer pattern has {source.Length} characters; at most {LongestPattern} are read.");
        }

        OnigurumaTranslator translator = new(source);
        var translated = translator.Translate();
        try
        {
            Regex = new Regex(translated, RegexOptions.Compiled | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, Timeout);
        }
        catch (ArgumentException error)
        {
            throw new InvalidDataException($"The pre-tokenizer pattern '{source}' is not a valid expression: {error.Message}", error);
        }

        _standIns = ChooseStandIns(translator.Named);
    }

    /// <summary>The pattern as written.</summary>
    public string Source { get; }

    /// <summary>The expression for text whose code points are one character each.</summary>
    public Regex Regex { get; }

    /// <summary>
    /// Writes one character per code point, and where each began; <paramref name="starts"/> has one entry more, the end.
    /// </summary>
    /// <returns>How many code points there are.</returns>
    public int StandIn(ReadOnlySpan<char> text, Span<char> characters, Span<int> starts)
    {
        var count = 0;
        for (var at = 0; at < text.Length;)
        {
            starts[count] = at;
            _ = Rune.DecodeFromUtf16(text[at..], out var rune, out var consumed);
            characters[count++] = consumed == 1 ? text[at] : _standIns[(int)Rune.GetUnicodeCategory(rune)];
            at += consumed;
        }

        starts[count] = text.Length;
        return count;
    }

    /// <summary>For each category a character of the basic plane that the pattern does not name.</summary>
    private static char[] ChooseStandIns(IReadOnlyList<(char First, char Last)> named)
    {
        var chosen = new char[Enum.GetValues<UnicodeCategory>().Length];
        for (int point = char.MaxValue; point > 0x7F; point--)
        {
            var character = (char)point;
            if (!named.Any(range => range.First <= character && character <= range.Last))
            {
                chosen[(int)CharUnicodeInfo.GetUnicodeCategory(character)] = character;
            }
        }

        return chosen;
    }
}
