using System.Text.RegularExpressions;

namespace DyLoraMoe.Trainer.Continual.Streams;

/// <summary>
/// Splits coding instructions by the language that the instruction names as a word of its own, in any case. One that names no
/// language, or several, belongs to none: its data could not be told from another's.
/// </summary>
internal static class CodeLanguages
{
    private static readonly (string Language, Regex Name)[] _names =
    [
        Named("python", @"\bpython\b"),
        Named("javascript", @"\bjava ?script\b|\bnode\.?js\b"),
        Named("java", @"\bjava\b(?! ?script)"),
        Named("cpp", @"\bc\+\+"),
        Named("csharp", @"\bc#"),
        Named("c", @"\bc (program|function|code)\b|\bin c\b(?![+#])"),
        Named("bash", @"\bbash\b|\bshell\b"),
        Named("php", @"\bphp\b"),
        Named("sql", @"\b(my|postgre)?sql(ite)?\b"),
        Named("html-css", @"\bhtml5?\b|\bcss3?\b"),
        Named("ruby", @"\bruby\b"),
        Named("swift", @"\bswift\b"),
        Named("go", @"\bgolang\b"),
        Named("rust", @"\brust\b"),
    ];

    /// <summary>The only language that <paramref name="instruction"/> names; null for none or several.</summary>
    public static string? Of(string instruction)
    {
        var named = Array.FindAll(_names, language => language.Name.IsMatch(instruction));
        return named.Length == 1 ? named[0].Language : null;
    }

    private static (string Language, Regex Name) Named(string language, string pattern) =>
        (language, new Regex(pattern, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant));
}
