using System.Buffers;
using System.Text;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

/// <summary>Upper and lower case, character by character so that each keeps its author.</summary>
internal static class CaseMapping
{
    public static TextValue Upper(TextValue text) => MapRuns(text, run => run.ToUpperInvariant().Replace("ß", "SS", StringComparison.Ordinal));

    // A sigma at the end of a word has a form of its own, and only its neighbours tell.
    public static TextValue Lower(TextValue text) => text.Text.Contains('Σ', StringComparison.Ordinal)
        ? Map(text, _ => false)
        : MapRuns(text, run => run.ToLowerInvariant());

    /// <summary>The first character large and all others small.</summary>
    public static TextValue Capitalize(TextValue text) => Map(text, at => at == 0);

    /// <summary>Every letter behind something that is no letter is large.</summary>
    public static TextValue Title(TextValue text) => Map(text, at => at == 0 || !IsCased(Rune.DecodeLastFromUtf16(text.Text.AsSpan(0, at), out var last, out _) == OperationStatus.Done ? last : default));

    /// <summary>Jinja's title: words begin behind white space, hyphens and opening brackets only.</summary>
    public static TextValue WordTitle(TextValue text) => Map(text, at => at == 0 || PythonSpace.IsSpace(text.Text[at - 1]) || text.Text[at - 1] is '-' or '(' or '{' or '[' or '<');

    private static TextValue MapRuns(TextValue text, Func<string, string> map)
    {
        TextBuilder result = new();
        var start = 0;
        foreach (var run in text.Runs)
        {
            result.Append(map(text.Text[start..run.End]), run.Origin);
            start = run.End;
        }

        return result.ToText();
    }

    private static TextValue Map(TextValue text, Func<int, bool> isUpper)
    {
        TextBuilder result = new();
        var at = 0;
        foreach (var run in text.Runs)
        {
            StringBuilder mapped = new(run.End - at);
            while (at < run.End)
            {
                var isRune = Rune.DecodeFromUtf16(text.Text.AsSpan(at, run.End - at), out var rune, out var width) == OperationStatus.Done;
                _ = !isRune ? mapped.Append(text.Text, at, width)
                    : isUpper(at) ? rune.Value == 'ß' ? mapped.Append("SS") : mapped.Append(Rune.ToUpperInvariant(rune))
                    : IsLastSigma(text.Text, at) ? mapped.Append('ς')
                    : mapped.Append(Rune.ToLowerInvariant(rune));
                at += width;
            }

            result.Append(mapped.ToString(), run.Origin);
        }

        return result.ToText();
    }

    private static bool IsCased(Rune rune) => Rune.IsUpper(rune) || Rune.IsLower(rune);

    private static bool IsLastSigma(string text, int at)
        => text[at] == 'Σ' && at > 0 && char.IsLetter(text[at - 1]) && (at + 1 == text.Length || !char.IsLetter(text[at + 1]));
}
