using System.Globalization;
using System.Text;

namespace DyLoraMoe.Core.Tokenization.PreTokenization;

/// <summary>Rewrites one Oniguruma pattern for .NET, element by element.</summary>
internal sealed class OnigurumaTranslator(string source)
{
    // What Oniguruma calls a word character.
    private const string Word = @"\p{L}\p{M}\p{Nl}\p{Nd}\p{Pc}";

    private static readonly Dictionary<string, string> Properties = BuildProperties();

    private readonly StringBuilder _output = new();
    private readonly List<(char First, char Last)> _named = [];
    private readonly Stack<(int Start, bool IgnoreCase)> _groups = new();
    private int _at;
    private int _atomStart = -1;
    private bool _ignoreCase;

    /// <summary>The characters and ranges that the pattern names.</summary>
    public IReadOnlyList<(char First, char Last)> Named => _named;

    public string Translate()
    {
        while (_at < source.Length)
        {
            switch (source[_at])
            {
                case '(':
                    OpenGroup();
                    break;
                case ')':
                    CloseGroup();
                    break;
                case '[':
                    BeginAtom();
                    _output.Append(ReadClass());
                    break;
                case '*' or '+' or '?':
                    Quantify(source[_at++].ToString());
                    break;
                case '{' when TryReadInterval(out var interval):
                    Quantify(interval);
                    break;
                case '\\':
                    BeginAtom();
                    _output.Append(ReadEscape(inClass: false));
                    break;
                case '|':
                    _output.Append(source[_at++]);
                    _atomStart = -1;
                    break;
                case '.':
                    BeginAtom();
                    _output.Append(source[_at++]);
                    break;
                case '^' or '$':
                    BeginAtom();
                    _output.Append("(?m:").Append(source[_at++]).Append(')');
                    break;
                default:
                    BeginAtom();
                    AppendLiteral(ReadBasicCharacter());
                    break;
            }
        }

        return _output.ToString();
    }

    private static Dictionary<string, string> BuildProperties()
    {
        Dictionary<string, string> properties = new(StringComparer.OrdinalIgnoreCase)
        {
            ["Letter"] = "L",
            ["Mark"] = "M",
            ["Number"] = "N",
            ["Punctuation"] = "P",
            ["Punct"] = "P",
            ["Symbol"] = "S",
            ["Separator"] = "Z",
            ["Other"] = "C",
        };
        foreach (var name in (string[])["L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "C", "Cc", "Cf", "Cs", "Co", "Cn"])
        {
            properties[name] = name;
        }

        return properties;
    }

    private static string Escape(char character) => character switch
    {
        _ when char.IsAsciiLetterOrDigit(character) || character is ' ' or '\'' or '_' => character.ToString(),
        < '\u0080' when character > ' ' => "\\" + character,
        _ => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)character:X4}"),
    };

    private void BeginAtom() => _atomStart = _output.Length;

    /// <summary>Lets a possessive or repeated quantifier take hold of the atom before it.</summary>
    private void Quantify(string quantifier)
    {
        if (_atomStart < 0)
        {
            throw Unsupported($"'{quantifier}' with nothing to repeat", _at - 1);
        }

        _output.Append(quantifier);
        if (_at < source.Length && source[_at] == '?')
        {
            _output.Append('?');
            _at++;
        }
        else if (_at < source.Length && source[_at] == '+')
        {
            // After an interval, Oniguruma reads a second '+' as one more repetition, not as possessive.
            _output.Insert(_atomStart, quantifier[0] == '{' ? "(?:" : "(?>").Append(quantifier[0] == '{' ? ")+" : ")");
            _at++;
        }

        _output.Insert(_atomStart, "(?:").Append(')');
    }

    private bool TryReadInterval(out string interval)
    {
        var end = source.IndexOf('}', _at);
        interval = string.Empty;
        if (end < 0)
        {
            return false;
        }

        var body = source.AsSpan(_at + 1, end - _at - 1);
        var comma = body.IndexOf(',');
        var low = comma < 0 ? body : body[..comma];
        var high = comma < 0 ? [] : body[(comma + 1)..];
        if (low.ContainsAnyExceptInRange('0', '9') || high.ContainsAnyExceptInRange('0', '9') || (low.IsEmpty && high.IsEmpty))
        {
            return false;
        }

        interval = low.IsEmpty ? $"{{0,{high}}}" : $"{{{body}}}";
        _at = end + 1;
        return true;
    }

    private void OpenGroup()
    {
        _groups.Push((_output.Length, _ignoreCase));
        _at++;
        if (_at >= source.Length || source[_at] != '?')
        {
            _output.Append("(?:");
            _atomStart = -1;
            return;
        }

        foreach (var opening in (string[])["?:", "?=", "?!", "?>", "?<=", "?<!"])
        {
            if (string.CompareOrdinal(source, _at, opening, 0, opening.Length) == 0)
            {
                _output.Append('(').Append(opening);
                _at += opening.Length;
                _atomStart = -1;
                return;
            }
        }

        OpenOptions();
    }

    /// <summary>Reads <c>(?i:..)</c> and <c>(?i)</c>; in Oniguruma <c>m</c> is what .NET calls <c>s</c>.</summary>
    private void OpenOptions()
    {
        StringBuilder flags = new("(?");
        var on = true;
        for (_at++; _at < source.Length; _at++)
        {
            var flag = source[_at];
            if (flag is ':' or ')')
            {
                break;
            }

            if (flag is not ('-' or 'i' or 'm'))
            {
                throw Unsupported($"the group '(?{flag}'", _at);
            }

            on = flag == '-' ? false : on;
            _ignoreCase = flag == 'i' ? on : _ignoreCase;
            flags.Append(flag == 'm' ? 's' : flag);
        }

        if (_at >= source.Length)
        {
            throw Unsupported("a group that does not end", _at);
        }

        _output.Append(flags).Append(source[_at]);
        if (source[_at++] == ')')
        {
            // (?i) reaches to the end of the group around it, so its own entry goes and the flag stays.
            _groups.Pop();
        }

        _atomStart = -1;
    }

    private void CloseGroup()
    {
        if (!_groups.TryPop(out var group))
        {
            throw Unsupported("a ')' without '('", _at);
        }

        _output.Append(')');
        _at++;
        _ignoreCase = group.IgnoreCase;
        _atomStart = group.Start;
    }

    private string ReadClass()
    {
        StringBuilder text = new("[");
        var start = _at++;
        if (Peek() == '^')
        {
            text.Append('^');
            _at++;
        }

        for (var first = true; ; first = false)
        {
            if (_at >= source.Length)
            {
                throw Unsupported("a class that does not end", start);
            }

            if (source[_at] == ']' && !first)
            {
                _at++;
                return text.Append(']').ToString();
            }

            if (source[_at] == '[' || string.CompareOrdinal(source, _at, "&&", 0, 2) == 0)
            {
                throw Unsupported("a class within a class", _at);
            }

            AppendClassElement(text);
        }
    }

    private void AppendClassElement(StringBuilder text)
    {
        if (source[_at] == '\\' && IsShorthand(_at + 1))
        {
            text.Append(ReadEscape(inClass: true));
            return;
        }

        var low = ReadCharacter();
        var high = low;
        if (Peek() == '-' && _at + 1 < source.Length && source[_at + 1] != ']')
        {
            _at++;
            high = ReadCharacter();
        }

        if (high < low)
        {
            throw Unsupported($"the range from U+{(int)low:X4} down to U+{(int)high:X4}", _at);
        }

        _named.Add((low, high));
        text.Append(Escape(low));
        if (high != low)
        {
            text.Append('-').Append(Escape(high));
        }

        if (_ignoreCase)
        {
            text.Append(Folded(low, high));
        }
    }

    private bool IsShorthand(int at) => at < source.Length && source[at] is 's' or 'S' or 'd' or 'D' or 'w' or 'W' or 'p' or 'P' or 'h' or 'H';

    /// <summary>An escape that is more than one character, as .NET writes it.</summary>
    private string ReadEscape(bool inClass)
    {
        var kind = _at + 1 < source.Length ? source[_at + 1] : throw Unsupported("a '\\' at the end", _at);
        switch (kind)
        {
            case 's' or 'S' or 'd' or 'D':
                _at += 2;
                return "\\" + kind;
            case 'w':
                _at += 2;
                return inClass ? Word : $"[{Word}]";
            case 'W' when !inClass:
                _at += 2;
                return $"[^{Word}]";
            case 'h':
                _at += 2;
                return inClass ? "0-9a-fA-F" : "[0-9a-fA-F]";
            case 'p' or 'P':
                return ReadProperty();
            case 'b' or 'B' or 'A' or 'z' or 'Z' or 'G' when !inClass:
                _at += 2;
                return "\\" + kind;
            default:
                var character = ReadCharacter();
                _named.Add((character, character));
                return _ignoreCase ? $"[{Escape(character)}{Folded(character, character)}]" : Escape(character);
        }
    }

    private string ReadProperty()
    {
        var start = _at;
        var negated = source[_at + 1] == 'P';
        var end = source.IndexOf('}', _at);
        if (_at + 2 >= source.Length || source[_at + 2] != '{' || end < 0)
        {
            throw Unsupported("a property without {name}", start);
        }

        var name = source[(_at + 3)..end];
        if (name.StartsWith('^'))
        {
            negated = !negated;
            name = name[1..];
        }

        if (!Properties.TryGetValue(name, out var property))
        {
            throw Unsupported($"the property \\p{{{name}}} (general categories are known, such as \\p{{L}} or \\p{{Lu}})", start);
        }

        _at = end + 1;
        return $"\\{(negated ? 'P' : 'p')}{{{property}}}";
    }

    /// <summary>Reads one character, escaped or not.</summary>
    private char ReadCharacter()
    {
        if (source[_at] != '\\')
        {
            return ReadBasicCharacter();
        }

        var start = _at;
        var kind = _at + 1 < source.Length ? source[_at + 1] : throw Unsupported("a '\\' at the end", start);
        _at += 2;
        return kind switch
        {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'f' => '\f',
            'v' => '\v',
            'a' => '\a',
            'e' => '\u001B',
            'x' when Peek() == '{' => ReadBracedHex(start),
            'x' => ReadHex(1, 2, start),
            'u' => ReadHex(4, 4, start),
            _ when char.IsAsciiLetterOrDigit(kind) => throw Unsupported($"the escape '\\{kind}'", start),
            _ => kind,
        };
    }

    private char ReadBasicCharacter()
    {
        var character = source[_at];
        if (char.IsSurrogate(character))
        {
            throw Unsupported("a character outside the basic multilingual plane", _at);
        }

        _at++;
        return character;
    }

    private char ReadBracedHex(int start)
    {
        var end = source.IndexOf('}', _at);
        if (end < 0 || !int.TryParse(source.AsSpan(_at + 1, end - _at - 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var point)
            || point is > char.MaxValue or (>= 0xD800 and <= 0xDFFF))
        {
            throw Unsupported("a \\x{..} that is not a character of the basic multilingual plane", start);
        }

        _at = end + 1;
        return (char)point;
    }

    private char ReadHex(int least, int most, int start)
    {
        var end = _at;
        while (end < source.Length && end - _at < most && char.IsAsciiHexDigit(source[end]))
        {
            end++;
        }

        if (end - _at < least)
        {
            throw Unsupported("an escape with too few hexadecimal digits", start);
        }

        var character = (char)int.Parse(source.AsSpan(_at, end - _at), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        _at = end;
        return character;
    }

    private void AppendLiteral(char character)
    {
        _named.Add((character, character));
        var folded = _ignoreCase ? Folded(character, character) : string.Empty;
        _output.Append(folded.Length > 0 ? $"[{Escape(character)}{folded}]" : Escape(character));
    }

    /// <summary>What Unicode case folding adds to .NET's own: the long s and the Kelvin and Angstrom signs.</summary>
    private string Folded(char low, char high)
    {
        StringBuilder folded = new();
        foreach (var (letter, other) in ((char, char)[])[('s', '\u017F'), ('S', '\u017F'), ('k', '\u212A'), ('K', '\u212A'), ('\u00E5', '\u212B'), ('\u00C5', '\u212B')])
        {
            if (low <= letter && letter <= high)
            {
                folded.Append(other);
                _named.Add((other, other));
            }
        }

        return folded.ToString();
    }

    private char Peek() => _at < source.Length ? source[_at] : '\0';

    private NotSupportedException Unsupported(string what, int at)
        => new($"The pre-tokenizer pattern '{source}' has {what} at {at}, which is not supported. Use a pattern of the GPT-2, Llama 3 or Qwen kind.");
}
