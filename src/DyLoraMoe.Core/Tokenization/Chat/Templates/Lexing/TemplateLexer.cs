namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Lexing;

/// <summary>
/// Cuts a template into text and tags, and decides what white space around tags counts, as Jinja does with <c>trim_blocks</c> and
/// <c>lstrip_blocks</c>: a tag on a line of its own leaves no trace, minus takes all white space there is, plus keeps it.
/// </summary>
internal sealed class TemplateLexer
{
    private readonly string _source;
    private readonly List<TemplateToken> _tokens = [];
    private int _at;
    private int _line = 1;
    private bool _isLineStart = true;

    private TemplateLexer(string source)
    {
        _source = source;
    }

    public static List<TemplateToken> Read(string source)
    {
        // Jinja leaves the last line break of a file out.
        var normal = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        TemplateLexer lexer = new(normal.EndsWith('\n') ? normal[..^1] : normal);
        lexer.Read();
        return lexer._tokens;
    }

    private void Read()
    {
        for (var start = NextStart(); start >= 0; start = NextStart())
        {
            ReadData(start);
            var kind = _source[start + 1];
            Move(start + 2);
            _at += Peek() is '-' or '+' ? 1 : 0;
            if (kind == '#')
            {
                SkipComment();
            }
            else
            {
                ReadTag(isOutput: kind == '{');
            }
        }

        AddData(_source[_at..]);
        Move(_source.Length);
        _tokens.Add(new TemplateToken(LexemeKind.End, string.Empty, _line));
    }

    private int NextStart()
    {
        for (var at = _source.IndexOf('{', _at); at >= 0 && at + 1 < _source.Length; at = _source.IndexOf('{', at + 1))
        {
            if (_source[at + 1] is '{' or '%' or '#')
            {
                return at;
            }
        }

        return -1;
    }

    /// <summary>The text before a tag, less what the tag takes away of it.</summary>
    private void ReadData(int start)
    {
        var text = _source[_at..start];
        var control = start + 2 < _source.Length ? _source[start + 2] : '\0';
        if (control == '-')
        {
            text = text[..PythonSpace.TrimmedEnd(text)];
        }
        else if (control != '+' && _source[start + 1] != '{')
        {
            var line = text.LastIndexOf('\n') + 1;
            var isIndent = (line > 0 || _isLineStart) && PythonSpace.SkipSpace(text, line) == text.Length;
            text = isIndent ? text[..line] : text;
        }

        AddData(text);
    }

    private void AddData(string text)
    {
        if (text.Length > 0)
        {
            _tokens.Add(new TemplateToken(LexemeKind.Data, text, _line));
        }
    }

    private void SkipComment()
    {
        var end = _source.IndexOf("#}", _at, StringComparison.Ordinal);
        if (end < 0)
        {
            throw UnsupportedTemplate.At(_line, "begins a comment that does not end");
        }

        var control = end > _at ? _source[end - 1] : '\0';
        Move(end + 2);
        Leave(control, isOutput: false);
    }

    private void ReadTag(bool isOutput)
    {
        _tokens.Add(new TemplateToken(isOutput ? LexemeKind.OutputStart : LexemeKind.TagStart, isOutput ? "{{" : "{%", _line));
        var brackets = 0;
        while (true)
        {
            Move(PythonSpace.SkipSpace(_source, _at));
            if (_at >= _source.Length)
            {
                throw UnsupportedTemplate.At(_line, $"is the end, where '{(isOutput ? "}}" : "%}")}' was expected");
            }

            if (brackets == 0 && IsEnd(isOutput, out var control))
            {
                Move(_at + (control == '\0' ? 2 : 3));
                _tokens.Add(new TemplateToken(isOutput ? LexemeKind.OutputEnd : LexemeKind.TagEnd, isOutput ? "}}" : "%}", _line));
                Leave(control, isOutput);
                return;
            }

            var token = ExpressionLexer.Read(_source, _at, _line, out var end);
            brackets += token is { Kind: LexemeKind.Sign, Text: "(" or "[" or "{" } ? 1 : token is { Kind: LexemeKind.Sign, Text: ")" or "]" or "}" } ? -1 : 0;
            _tokens.Add(brackets >= 0 ? token : throw UnsupportedTemplate.At(_line, $"has '{token.Text}' without the bracket that it closes"));
            Move(end);
        }
    }

    private bool IsEnd(bool isOutput, out char control)
    {
        var end = isOutput ? "}}" : "%}";
        control = _source[_at] == '-' || (_source[_at] == '+' && !isOutput) ? _source[_at] : '\0';
        return _source.AsSpan(control == '\0' ? _at : _at + 1).StartsWith(end);
    }

    /// <summary>Skips the white space behind a tag that belongs to it.</summary>
    private void Leave(char control, bool isOutput)
    {
        var start = _at;
        Move(control == '-' ? PythonSpace.SkipSpace(_source, _at) : !isOutput && control != '+' && Peek() == '\n' ? _at + 1 : _at);
        _isLineStart = _at > start && _source[_at - 1] == '\n';
    }

    private char Peek() => _at < _source.Length ? _source[_at] : '\0';

    private void Move(int to)
    {
        _line += _source.AsSpan(_at, to - _at).Count('\n');
        _at = to;
    }
}
