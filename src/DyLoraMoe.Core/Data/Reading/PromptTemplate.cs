using System.Text;

namespace DyLoraMoe.Core.Data.Reading;

/// <summary>
/// Text with fields in it:
/// <list type="bullet">
/// <item><c>{name}</c> is the field; a row without it is an error.</item>
/// <item><c>{name?}</c> is the field, or nothing.</item>
/// <item><c>{?name}...{/name}</c> is kept only where the field is there and not empty.</item>
/// <item><c>{{</c> and <c>}}</c> are braces.</item>
/// </list>
/// What a field holds is never looked at for braces again.
/// </summary>
public sealed class PromptTemplate
{
    private readonly List<Part> _parts;

    private PromptTemplate(List<Part> parts) => _parts = parts;

    /// <summary>Every field the template speaks of, in order of first appearance.</summary>
    public IEnumerable<string> Fields => _parts.Where(part => part.Kind is PartKind.Field or PartKind.OptionalField or PartKind.Open).Select(part => part.Text).Distinct();

    /// <summary>Reads a template.</summary>
    /// <exception cref="FormatException">It is not one; the message says where and why.</exception>
    public static PromptTemplate Parse(string template)
    {
        ArgumentNullException.ThrowIfNull(template);
        var parts = new List<Part>();
        var literal = new StringBuilder();
        for (var at = 0; at < template.Length; at++)
        {
            var character = template[at];
            if (character is not ('{' or '}'))
            {
                literal.Append(character);
                continue;
            }

            if (at + 1 < template.Length && template[at + 1] == character)
            {
                literal.Append(character);
                at++;
                continue;
            }

            var end = character == '{' ? template.IndexOf('}', at) : -1;
            if (end < 0)
            {
                throw Error(template, at, character == '{' ? "a closing brace for this one" : "no closing brace without an opening one");
            }

            Flush(parts, literal);
            parts.Add(ParseField(template, at, template[(at + 1)..end]));
            at = end;
        }

        Flush(parts, literal);
        CheckSections(template, parts);
        return new PromptTemplate(parts);
    }

    /// <summary>Replaces <c>\n</c>, <c>\t</c> and <c>\\</c> by line feed, tab and backslash; another backslash stays as it is.</summary>
    public static string Unescape(string text)
    {
        var result = new StringBuilder();
        for (var at = 0; at < text.Length; at++)
        {
            var next = text[at] == '\\' && at + 1 < text.Length ? text[at + 1] : '\0';
            var replacement = next switch { 'n' => '\n', 't' => '\t', '\\' => '\\', _ => '\0' };
            result.Append(replacement == '\0' ? text[at] : replacement);
            at += replacement == '\0' ? 0 : 1;
        }

        return result.ToString();
    }

    /// <summary>A template that renders as <paramref name="literal"/>, braces and all.</summary>
    public static string Escape(string literal) =>
        literal.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal);

    /// <summary>Puts the fields in. False, with its name, when one is missing.</summary>
    public bool TryRender(IReadOnlyDictionary<string, string> fields, out string text, out string missing)
    {
        var result = new StringBuilder();
        var hidden = 0;
        (text, missing) = (string.Empty, string.Empty);
        foreach (var part in _parts)
        {
            var value = fields.GetValueOrDefault(part.Text);
            switch (part.Kind)
            {
                case PartKind.Open:
                    hidden += hidden > 0 || string.IsNullOrEmpty(value) ? 1 : 0;
                    break;
                case PartKind.Close:
                    hidden -= hidden > 0 ? 1 : 0;
                    break;
                case PartKind.Literal when hidden == 0:
                    result.Append(part.Text);
                    break;
                case PartKind.Field when hidden == 0 && value is null:
                    missing = part.Text;
                    return false;
                case PartKind.Field or PartKind.OptionalField when hidden == 0:
                    result.Append(value);
                    break;
                default:
                    break;
            }
        }

        text = result.ToString();
        return true;
    }

    private static Part ParseField(string template, int at, string body)
    {
        var (kind, name) = body switch
        {
            ['?', .. var rest] => (PartKind.Open, rest),
            ['/', .. var rest] => (PartKind.Close, rest),
            [.. var rest, '?'] => (PartKind.OptionalField, rest),
            _ => (PartKind.Field, body),
        };
        return name.Length > 0 && name == name.Trim() && name.IndexOfAny(['{', '?', '/', '\n']) < 0
            ? new Part(kind, name)
            : throw Error(template, at, "the name of a field in the braces, or doubled braces for a brace");
    }

    private static void CheckSections(string template, List<Part> parts)
    {
        var open = new Stack<string>();
        foreach (var part in parts)
        {
            if (part.Kind == PartKind.Open)
            {
                open.Push(part.Text);
            }
            else if (part.Kind == PartKind.Close && !(open.TryPop(out var name) && name == part.Text))
            {
                throw Error(template, template.IndexOf("{/" + part.Text, StringComparison.Ordinal), $"an opening {{?{part.Text}}} before this");
            }
        }

        if (open.TryPeek(out var unclosed))
        {
            throw Error(template, template.IndexOf("{?" + unclosed, StringComparison.Ordinal), $"a closing {{/{unclosed}}} after this");
        }
    }

    private static void Flush(List<Part> parts, StringBuilder literal)
    {
        if (literal.Length > 0)
        {
            parts.Add(new Part(PartKind.Literal, literal.ToString()));
            literal.Clear();
        }
    }

    private static FormatException Error(string template, int at, string expected) =>
        new($"Prompt template, character {at + 1}: expected {expected}, found '{template[at..Math.Min(template.Length, at + 24)]}'.");

    private enum PartKind
    {
        Literal,
        Field,
        OptionalField,
        Open,
        Close,
    }

    private readonly record struct Part(PartKind Kind, string Text);
}
