using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Parsing;

/// <summary>Names that can be called behind a dot, and names that Jinja knows and this does not.</summary>
internal static class KnownMethods
{
    private static readonly HashSet<string> Methods = [.. TextMethods.Names, .. ListMethods.Names, .. DictionaryMethods.Names, "cycle"];

    public static bool IsKnown(string method) => Methods.Contains(method);

    public static bool IsUnsupported(string name) => name is "lipsum" or "cycler" or "joiner" or "caller" or "varargs" or "kwargs" or "super" or "self";
}
