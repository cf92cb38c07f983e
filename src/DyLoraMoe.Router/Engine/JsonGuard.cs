namespace DyLoraMoe.Router.Engine;

/// <summary>
/// Follows a text that must be one JSON object, character by character: an automaton with a stack of open objects and arrays.
/// A copy is a few words, so a candidate token is tried on a copy and thrown away.
/// </summary>
/// <remarks>White space between values is limited, since a model that may write blanks for ever often does.</remarks>
internal sealed class JsonGuard
{
    private const int MostBlanks = 8;
    private const int MostDepth = 64;

    private readonly List<char> _open = [];
    private State _state = State.Start;
    private string _literal = "";
    private int _at;
    private int _blanks;
    private bool _isKey;

    private enum State
    {
        Start,
        Value,
        FirstValue,
        FirstKey,
        Key,
        Colon,
        AfterValue,
        InString,
        Escape,
        Hexadecimal,
        Minus,
        Zero,
        Integer,
        Point,
        Fraction,
        Exponent,
        ExponentSign,
        ExponentDigits,
        Literal,
        Done,
        Broken,
    }

    /// <summary>Whether the object is closed.</summary>
    public bool IsComplete => _state == State.Done;

    /// <summary>Whether the text can go on with <paramref name="text"/>.</summary>
    public bool Allows(string text)
    {
        if (text.Length == 0)
        {
            // Part of a character: fine inside a string, where any character may follow.
            return _state == State.InString;
        }

        var copy = new JsonGuard(this);
        copy.Accept(text);
        return copy._state != State.Broken;
    }

    /// <summary>Takes in text that was chosen.</summary>
    public void Accept(string text)
    {
        foreach (var character in text)
        {
            Step(character);
        }
    }

    public JsonGuard()
    {
    }

    private JsonGuard(JsonGuard origin)
    {
        _open.AddRange(origin._open);
        _state = origin._state;
        _literal = origin._literal;
        _at = origin._at;
        _blanks = origin._blanks;
        _isKey = origin._isKey;
    }

    private void Step(char character)
    {
        if (IsBlank(character) && _state is not (State.InString or State.Done or State.Broken) && MayPause())
        {
            _state = ++_blanks > MostBlanks ? State.Broken : IsInNumber() ? State.AfterValue : _state;
            return;
        }

        _blanks = 0;
        _state = _state switch
        {
            State.Start => character == '{' ? Open(character) : State.Broken,
            State.FirstKey when character == '}' => Close('{'),
            State.FirstKey or State.Key => character == '"' ? BeginString(isKey: true) : State.Broken,
            State.Colon => character == ':' ? State.Value : State.Broken,
            State.FirstValue when character == ']' => Close('['),
            State.FirstValue or State.Value => BeginValue(character),
            State.AfterValue => AfterValue(character),
            State.InString => InString(character),
            State.Escape => Escape(character),
            State.Hexadecimal => char.IsAsciiHexDigit(character) ? (++_at == 4 ? State.InString : State.Hexadecimal) : State.Broken,
            State.Literal => InLiteral(character),
            State.Minus => character == '0' ? State.Zero : char.IsAsciiDigit(character) ? State.Integer : State.Broken,
            State.Point => char.IsAsciiDigit(character) ? State.Fraction : State.Broken,
            State.Exponent => char.IsAsciiDigit(character) ? State.ExponentDigits : character is '+' or '-' ? State.ExponentSign : State.Broken,
            State.ExponentSign => char.IsAsciiDigit(character) ? State.ExponentDigits : State.Broken,
            _ when IsInNumber() => InNumber(character),
            _ => State.Broken,
        };
    }

    private bool MayPause() => IsInNumber() || _state is State.Start or State.FirstKey or State.Key or State.Colon or State.FirstValue or State.Value or State.AfterValue;

    private bool IsInNumber() => _state is State.Zero or State.Integer or State.Fraction or State.ExponentDigits;

    private State InNumber(char character) => (_state, character) switch
    {
        (State.Integer or State.Fraction or State.ExponentDigits, >= '0' and <= '9') => _state,
        (State.Zero or State.Integer, '.') => State.Point,
        (State.Zero or State.Integer or State.Fraction, 'e' or 'E') => State.Exponent,
        _ => AfterValue(character),
    };

    private State BeginValue(char character)
    {
        switch (character)
        {
            case '{' or '[':
                return Open(character);
            case '"':
                return BeginString(isKey: false);
            case '-':
                return State.Minus;
            case '0':
                return State.Zero;
            case >= '1' and <= '9':
                return State.Integer;
            case 't' or 'f' or 'n':
                (_literal, _at) = (character == 't' ? "true" : character == 'f' ? "false" : "null", 1);
                return State.Literal;
            default:
                return State.Broken;
        }
    }

    private State AfterValue(char character) => (character, _open[^1]) switch
    {
        (',', '{') => State.Key,
        (',', '[') => State.Value,
        ('}', '{') => Close('{'),
        (']', '[') => Close('['),
        _ => State.Broken,
    };

    private State Open(char bracket)
    {
        _open.Add(bracket);
        return _open.Count > MostDepth ? State.Broken : bracket == '{' ? State.FirstKey : State.FirstValue;
    }

    private State Close(char bracket)
    {
        if (_open[^1] != bracket)
        {
            return State.Broken;
        }

        _open.RemoveAt(_open.Count - 1);
        return _open.Count == 0 ? State.Done : State.AfterValue;
    }

    private State BeginString(bool isKey)
    {
        _isKey = isKey;
        return State.InString;
    }

    private State InString(char character) => character switch
    {
        '"' => _isKey ? State.Colon : State.AfterValue,
        '\\' => State.Escape,
        < ' ' => State.Broken,
        _ => State.InString,
    };

    private State Escape(char character)
    {
        _at = 0;
        return character == 'u' ? State.Hexadecimal : "\"\\/bfnrt".Contains(character, StringComparison.Ordinal) ? State.InString : State.Broken;
    }

    private State InLiteral(char character) =>
        character != _literal[_at] ? State.Broken : ++_at == _literal.Length ? State.AfterValue : State.Literal;

    private static bool IsBlank(char character) => character is ' ' or '\n' or '\r' or '\t';
}
