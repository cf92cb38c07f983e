using System.Globalization;
using System.Text;

namespace DyLoraMoe.Core.Data.Reading;

/// <summary>
/// Records of RFC 4180 (https://www.rfc-editor.org/rfc/rfc4180), with any of the three line ends: quotes around a field let it
/// hold separators, line breaks and doubled quotes. Strict where leniency would guess: a quote inside an unquoted field or text
/// behind a closing quote makes a bad record, and a quote that is never closed, which swallows the rest of the file, is an error.
/// </summary>
internal sealed class CsvTokenizer(TextReader text, string file, char separator, int maxCharacters)
{
    private readonly char[] _buffer = new char[1 << 14];
    private readonly StringBuilder _field = new();
    private int _at;
    private int _count;
    private long _line = 1;
    private long _recordLength;

    /// <summary>A record and the line that it begins on.</summary>
    public sealed record Record(long Line, string[] Fields, DatasetException? Error);

    /// <summary>The next record that is not a blank line; null at the end.</summary>
    public Record? Next()
    {
        while (Peek() >= 0)
        {
            var line = _line;
            var isQuoted = Peek() == '"';
            var record = ReadRecord(line);
            if (record is not { Error: null, Fields: [""] } || isQuoted)
            {
                return record;
            }
        }

        return null;
    }

    private Record ReadRecord(long line)
    {
        var fields = new List<string>();
        DatasetException? error = null;
        _recordLength = 0;
        while (true)
        {
            error ??= Peek() == '"' ? ReadQuoted(line) : ReadPlain(line);
            if (error is not null)
            {
                SkipLine();
                return new Record(line, [], error);
            }

            fields.Add(_field.ToString());
            if (Peek() != separator)
            {
                EndLine();
                return new Record(line, [.. fields], null);
            }

            Take();
        }
    }

    private DatasetException? ReadPlain(long line)
    {
        _field.Clear();
        while (Peek() is >= 0 and not ('\r' or '\n') and var next && next != separator)
        {
            if (next == '"')
            {
                return new DatasetException(file, line, "quotes around the whole field, and those inside it doubled", $"a quote behind '{_field}'");
            }

            _field.Append(Take());
        }

        return null;
    }

    private DatasetException? ReadQuoted(long line)
    {
        var opened = _line;
        _field.Clear();
        Take();
        while (true)
        {
            if (Peek() < 0)
            {
                throw new DatasetException(file, opened, "a closing quote for the field that begins here", "the end of the file");
            }

            var character = Take();
            if (character != '"')
            {
                _field.Append(character);
            }
            else if (Peek() == '"')
            {
                _field.Append(Take());
            }
            else
            {
                break;
            }
        }

        return Peek() is < 0 or '\r' or '\n' || Peek() == separator
            ? null
            : new DatasetException(file, line, "a separator or line end behind a closing quote", $"'{(char)Peek()}'");
    }

    private void SkipLine()
    {
        while (Peek() is >= 0 and not ('\r' or '\n'))
        {
            Take();
        }

        EndLine();
    }

    private void EndLine()
    {
        if (Peek() == '\r')
        {
            Take();
            if (Peek() != '\n')
            {
                _line++;
                return;
            }
        }

        if (Peek() == '\n')
        {
            Take();
        }
    }

    private int Peek()
    {
        if (_at == _count)
        {
            (_at, _count) = (0, text.Read(_buffer));
        }

        return _count == 0 ? -1 : _buffer[_at];
    }

    private char Take()
    {
        if (++_recordLength > maxCharacters)
        {
            throw new DatasetException(
                file, _line, string.Create(CultureInfo.InvariantCulture, $"records of at most {maxCharacters:N0} characters"), "a longer one; is a quote missing?");
        }

        var character = _buffer[_at++];
        _line += character == '\n' ? 1 : 0;
        return character;
    }
}
