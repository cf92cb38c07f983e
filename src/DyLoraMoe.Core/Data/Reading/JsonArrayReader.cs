using System.Globalization;
using System.Text.Json;

namespace DyLoraMoe.Core.Data.Reading;

/// <summary>
/// The objects of a JSON array, one at a time: only the element at hand is in memory. A syntax error makes the rest
/// unreadable, since nothing tells where the next element begins.
/// </summary>
internal sealed class JsonArrayReader(Stream stream, string file, int maxRowBytes)
{
    private byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;
    private bool _isEnd;
    private long _line = 1;
    private JsonReaderState _state;

    public IEnumerable<RowOrError> Read()
    {
        if (Next() is not { Type: JsonTokenType.StartArray } opening)
        {
            throw new DatasetException(file, _line, "a JSON array of objects", "another JSON value; for one object per line, name the format JSON lines");
        }

        Advance(opening.End);
        var next = Next();
        for (; next is { Type: not JsonTokenType.EndArray } element; next = Next())
        {
            Advance(element.Start);
            yield return JsonRowParser.Parse(_buffer.AsSpan(_start, element.End - element.Start), file, _line);
            Advance(_start + element.End - element.Start);
        }

        // The reader itself refuses anything but white space behind the array.
        Advance(next?.End ?? _end);
        Next();
    }

    /// <summary>The next element, or bracket of the array, as a range of the buffer; null at the end of the file.</summary>
    private (JsonTokenType Type, int Start, int End)? Next()
    {
        for (; ; Fill())
        {
            var reader = new Utf8JsonReader(_buffer.AsSpan(_start, _end - _start), _isEnd, _state);
            try
            {
                if (!reader.Read())
                {
                    if (_isEnd)
                    {
                        return null;
                    }

                    continue;
                }

                var (type, from) = (reader.TokenType, (int)reader.TokenStartIndex);
                var isOpening = type == JsonTokenType.StartArray && reader.CurrentDepth == 0;
                if (isOpening || reader.TrySkip())
                {
                    _state = reader.CurrentState;
                    return (type, _start + from, _start + (int)reader.BytesConsumed);
                }
            }
            catch (JsonException error)
            {
                throw new DatasetException(file, (error.LineNumber ?? 0) + 1, "a JSON array of objects", JsonRowParser.FirstSentence(error.Message), error);
            }
        }
    }

    private void Advance(int to)
    {
        _line += _buffer.AsSpan(_start, to - _start).Count((byte)'\n');
        _start = to;
    }

    private void Fill()
    {
        var held = _end - _start;
        if (held > maxRowBytes)
        {
            throw new DatasetException(
                file, _line, string.Create(CultureInfo.InvariantCulture, $"elements of at most {maxRowBytes:N0} bytes"), "a longer one; is this a file of another format?");
        }

        var target = held > _buffer.Length / 2 ? new byte[_buffer.Length * 2] : _buffer;
        _buffer.AsSpan(_start, held).CopyTo(target);
        (_buffer, _start, _end) = (target, 0, held);
        var read = stream.Read(_buffer, _end, _buffer.Length - _end);
        _isEnd = read == 0;
        _end += read;
    }
}
