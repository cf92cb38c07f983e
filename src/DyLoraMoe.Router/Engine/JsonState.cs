namespace DyLoraMoe.Router.Engine;

/// <summary>
/// Where a text is that must be one JSON object: an automaton with a stack of open objects and arrays, in a few words that are copied as one.
/// Two that are equal go on alike.
/// </summary>
/// <remarks>White space between values is limited, since a model that may write blanks for ever often does.</remarks>
internal record struct JsonState
{
    private const int MostBlanks = 8;
    private const int MostDepth = 64;

    // Of what is open the innermost is the lowest bit: 1 is an array, 0 an object.
    private ulong _arrays;
    private byte _depth;
    private State _state;
    private char _literal;
    private byte _at;
    private byte _blanks;
    private bool _isKey;

    private enum State : byte
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
    public readonly bool IsComplete => _state == State.Done;

    /// <summary>Whether the text is none any more, whatever comes.</summary>
    public readonly bool IsBroken => _state == State.Broken;

    private readonly bool IsInArray => (_arrays & 1) != 0;

    /// <summary>What is equal for all states that go on alike through a text, as far as that opens and closes no more than so many objects and arrays.</summary>
    /// <param name="openings">How many it opens.</param>
    /// <param name="closings">How many it closes.</param>
    public readonly JsonState Within(int openings, int closings)
    {
        var seen = this;
        if (_depth > closings + 1 && _depth + openings <= MostDepth)
        {
            seen._depth = (byte)(closings + 1);
            seen._arrays &= (1UL << (closings + 1)) - 1;
        }

        seen._isKey = _isKey && _state is State.InString or State.Escape or State.Hexadecimal;
        seen._literal = _state is State.Literal ? _literal : '\0';
        seen._at = _state is State.Literal or State.Hexadecimal ? _at : (byte)0;
        return seen;
    }

    /// <summary>Takes in a text.</summary>
    public void Accept(ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            Step(character);
        }
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
            State.Start => character == '{' ? Open(isArray: false) : State.Broken,
            State.FirstKey when character == '}' => Close(isArray: false),
            State.FirstKey or State.Key => character == '"' ? BeginString(isKey: true) : State.Broken,
            State.Colon => character == ':' ? State.Value : State.Broken,
            State.FirstValue when character == ']' => Close(isArray: true),
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

    private readonly bool MayPause() => IsInNumber() || _state is State.Start or State.FirstKey or State.Key or State.Colon or State.FirstValue or State.Value or State.AfterValue;

    private readonly bool IsInNumber() => _state is State.Zero or State.Integer or State.Fraction or State.ExponentDigits;

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
                return Open(character == '[');
            case '"':
                return BeginString(isKey: false);
            case '-':
                return State.Minus;
            case '0':
                return State.Zero;
            case >= '1' and <= '9':
                return State.Integer;
            case 't' or 'f' or 'n':
                (_literal, _at) = (character, 1);
                return State.Literal;
            default:
                return State.Broken;
        }
    }

    private State AfterValue(char character) => character switch
    {
        ',' => IsInArray ? State.Value : State.Key,
        '}' => Close(isArray: false),
        ']' => Close(isArray: true),
        _ => State.Broken,
    };

    private State Open(bool isArray)
    {
        _arrays = (_arrays << 1) | (isArray ? 1UL : 0);
        return ++_depth > MostDepth ? State.Broken : isArray ? State.FirstValue : State.FirstKey;
    }

    private State Close(bool isArray)
    {
        if (IsInArray != isArray)
        {
            return State.Broken;
        }

        _arrays >>= 1;
        return --_depth == 0 ? State.Done : State.AfterValue;
    }

    private State BeginString(bool isKey)
    {
        _isKey = isKey;
        return State.InString;
    }

    private readonly State InString(char character) => character switch
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

    private State InLiteral(char character)
    {
        var literal = _literal switch
        {
            't' => "true",
            'f' => "false",
            _ => "null",
        };
        return character != literal[_at] ? State.Broken : ++_at == literal.Length ? State.AfterValue : State.Literal;
    }

    private static bool IsBlank(char character) => character is ' ' or '\n' or '\r' or '\t';
}
