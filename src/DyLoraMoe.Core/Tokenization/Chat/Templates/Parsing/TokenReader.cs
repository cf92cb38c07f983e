using DyLoraMoe.Core.Tokenization.Chat.Templates.Lexing;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Parsing;

/// <summary>Goes through a template's tokens, and bounds how deep what is read lies.</summary>
/// <param name="tokens">The tokens, the last of which is the end.</param>
internal sealed class TokenReader(IReadOnlyList<TemplateToken> tokens)
{
    private int _at;
    private int _depth;

    public TemplateToken Current => tokens[_at];

    public int Line => Current.Line;

    public TemplateToken Next() => tokens[Current.Kind == LexemeKind.End ? _at : _at++];

    public bool IsSign(string sign) => Current.Kind == LexemeKind.Sign && Current.Text == sign;

    public bool IsName(string name) => Current.Kind == LexemeKind.Name && Current.Text == name;

    public bool SkipSign(string sign) => IsSign(sign) && Next().Text == sign;

    public bool SkipName(string name) => IsName(name) && Next().Text == name;

    /// <summary>Whether the next token but one is this sign.</summary>
    public bool IsFollowedBy(string sign) => _at + 1 < tokens.Count && tokens[_at + 1] is { Kind: LexemeKind.Sign } next && next.Text == sign;

    public void ExpectSign(string sign)
    {
        if (!SkipSign(sign))
        {
            throw Expected($"'{sign}'");
        }
    }

    public void ExpectName(string name)
    {
        if (!SkipName(name))
        {
            throw Expected($"'{name}'");
        }
    }

    public string ExpectAnyName() => Current.Kind == LexemeKind.Name ? Next().Text : throw Expected("a name");

    public void Expect(LexemeKind kind, string description)
    {
        if (Current.Kind != kind)
        {
            throw Expected(description);
        }

        Next();
    }

    /// <summary>Reads something that lies within something else.</summary>
    public T Within<T>(Func<T> read)
    {
        if (++_depth > TemplateLimits.Nesting)
        {
            throw Wrong($"lies more than {TemplateLimits.Nesting} brackets or blocks deep");
        }

        var result = read();
        _depth--;
        return result;
    }

    /// <summary>Bounds how many links a chain has.</summary>
    public void CheckChain(int links)
    {
        if (links > TemplateLimits.Chain)
        {
            throw Wrong($"has more than {TemplateLimits.Chain} operators, filters or attributes one behind the other");
        }
    }

    public NotSupportedException Expected(string description) => Wrong($"should have {description}, but has {Current.Description}");

    public NotSupportedException Wrong(string what) => UnsupportedTemplate.At(Line, what);
}
