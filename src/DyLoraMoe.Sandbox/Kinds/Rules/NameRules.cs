using System.Text.RegularExpressions;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>How names must look. Each check returns what is wrong, or null.</summary>
internal static partial class NameRules
{
    private const string NamePartRule = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

    /// <summary>A lower-case RFC 1123 subdomain.</summary>
    public static string? Subdomain(string name) => name.Length > 253
        ? "must be no more than 253 characters"
        : SubdomainPattern().IsMatch(name) ? null
        : "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    /// <summary>A lower-case RFC 1123 label.</summary>
    public static string? Label(string name) => name.Length > 63
        ? "must be no more than 63 characters"
        : LabelPattern().IsMatch(name) ? null
        : "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

    /// <summary>A label that begins with a letter, as the names of Services do.</summary>
    public static string? LetterFirst(string name) => name.Length > 63
        ? "must be no more than 63 characters"
        : LetterFirstPattern().IsMatch(name) ? null
        : "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

    /// <summary>A name that can be a segment of a path.</summary>
    public static string? Segment(string name) => name is "." or ".."
        ? $"may not be '{name}'"
        : name.Contains('/', StringComparison.Ordinal) ? "may not contain '/'" : name.Contains('%', StringComparison.Ordinal) ? "may not contain '%'" : null;

    /// <summary>The key of a label or annotation: everything that is wrong with it.</summary>
    public static IEnumerable<string> QualifiedName(string key)
    {
        string[] parts = key.Split('/');
        if (parts.Length > 2)
        {
            yield return $"a qualified name {NamePartRule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
            yield break;
        }

        if (parts.Length == 2 && (parts[0].Length == 0 ? "must be non-empty" : Subdomain(parts[0])) is { } prefix)
        {
            yield return $"prefix part {prefix}";
        }

        string name = parts[^1];
        if (name.Length is 0 or > 63)
        {
            yield return name.Length == 0 ? "name part must be non-empty" : "name part must be no more than 63 characters";
        }

        if (!NamePart().IsMatch(name))
        {
            yield return $"name part {NamePartRule}";
        }
    }

    /// <summary>The value of a label.</summary>
    public static string? LabelValue(string value) => value.Length > 63
        ? "must be no more than 63 characters"
        : value.Length == 0 || NamePart().IsMatch(value) ? null
        : "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    /// <summary>The key of a ConfigMap or Secret.</summary>
    public static string? ConfigKey(string key) => key.Length > 253
        ? "must be no more than 253 characters"
        : !ConfigKeyPattern().IsMatch(key)
            ? "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
            : Dots(key);

    /// <summary>The name of an environment variable, or the start of one.</summary>
    public static string? Variable(string name) => VariablePattern().IsMatch(name)
        ? Dots(name)
        : "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')";

    /// <summary>The name of a port: everything that is wrong with it.</summary>
    public static IEnumerable<string> Port(string name)
    {
        foreach ((bool wrong, string why) in (IEnumerable<(bool, string)>)
        [
            (name.Length > 15, "must be no more than 15 characters"),
            (!PortPattern().IsMatch(name), "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"),
            (!name.Any(char.IsAsciiLetterLower), "must contain at least one letter (a-z)"),
            (name.Contains("--", StringComparison.Ordinal), "must not contain consecutive hyphens"),
            (name.StartsWith('-') || name.EndsWith('-'), "must not begin or end with a hyphen"),
        ])
        {
            if (wrong)
            {
                yield return why;
            }
        }
    }

    private static string? Dots(string name) => name is "." or ".."
        ? $"must not be '{name}'"
        : name.StartsWith("..", StringComparison.Ordinal) ? "must not start with '..'" : null;

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex SubdomainPattern();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex LabelPattern();

    [GeneratedRegex(@"^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\z")]
    private static partial Regex NamePart();

    [GeneratedRegex(@"^[-._a-zA-Z0-9]+\z")]
    private static partial Regex ConfigKeyPattern();

    [GeneratedRegex(@"^[-._a-zA-Z][-._a-zA-Z0-9]*\z")]
    private static partial Regex VariablePattern();

    [GeneratedRegex(@"^[-a-z0-9]+\z")]
    private static partial Regex PortPattern();

    [GeneratedRegex(@"^[a-z]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex LetterFirstPattern();
}
