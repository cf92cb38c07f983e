using System.Buffers.Binary;
using System.Text.Json;

namespace DyLoraMoe.Core.Safetensors;

/// <summary>
/// Reads and checks the header of a safetensors file: eight bytes of length, then a JSON object of
/// <c>name: {dtype, shape, data_offsets}</c>. The data that follow must be covered exactly once.
/// See <see href="https://github.com/huggingface/safetensors#format">the format</see>.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>Upstream's own limit; a longer header is damage or an attack.</summary>
    public const long MaximumLength = 100_000_000;

    private readonly string _path;
    private readonly Dictionary<string, SafetensorsEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);

    private SafetensorsHeader(string path) => _path = path;

    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => _entries;

    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    public static SafetensorsHeader Read(string path, Stream stream)
    {
        var header = new SafetensorsHeader(path);
        header.Parse(stream);
        return header;
    }

    private void Parse(Stream stream)
    {
        var fileLength = stream.Length;
        Span<byte> prefix = stackalloc byte[8];
        if (fileLength < prefix.Length)
        {
            throw Damaged($"expected at least 8 bytes of header length, found a file of {fileLength} bytes; copy the file again");
        }

        stream.ReadExactly(prefix);
        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength is 0 or > MaximumLength)
        {
            throw Damaged($"the header claims {headerLength} bytes, expected 2 to {MaximumLength}; this is not a safetensors file, or it is damaged");
        }

        if ((long)headerLength > fileLength - prefix.Length)
        {
            throw Damaged($"the header claims {headerLength} bytes, but only {fileLength - prefix.Length} follow; the file is truncated, copy it again");
        }

        var json = new byte[headerLength];
        stream.ReadExactly(json);
        var dataStart = prefix.Length + (long)headerLength;
        try
        {
            ParseJson(json, dataStart);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            throw Damaged($"the header is not the expected JSON object of tensors ({error.Message})", error);
        }

        CheckCoverage(dataStart, fileLength);
    }

    private void ParseJson(byte[] json, long dataStart)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 8 });
        Expect(reader.Read() && reader.TokenType == JsonTokenType.StartObject, "expected a JSON object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (name == "__metadata__")
            {
                ParseMetadata(ref reader);
            }
            else if (!_entries.TryAdd(name, ParseEntry(name, ref reader, dataStart)))
            {
                throw Damaged($"tensor '{name}' is listed twice");
            }
        }

        while (reader.Read())
        {
            // Trailing spaces pad the header; anything else makes the reader throw.
        }
    }

    private void ParseMetadata(ref Utf8JsonReader reader)
    {
        Expect(reader.TokenType == JsonTokenType.StartObject, "__metadata__ must be an object of strings");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            _metadata[key] = reader.GetString() ?? "";
        }
    }

    private SafetensorsEntry ParseEntry(string name, ref Utf8JsonReader reader, long dataStart)
    {
        Expect(reader.TokenType == JsonTokenType.StartObject, $"tensor '{name}' must be an object");
        string? dtype = null;
        List<long>? shape = null, offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString();
            reader.Read();
            switch (key)
            {
                case "dtype":
                    dtype = reader.GetString();
                    break;
                case "shape":
                    shape = ParseIntegers(ref reader);
                    break;
                case "data_offsets":
                    offsets = ParseIntegers(ref reader);
                    break;
                default:
                    throw Damaged($"tensor '{name}' has an unknown field '{key}'");
            }
        }

        if (dtype is null || shape is null || offsets is not { Count: 2 })
        {
            throw Damaged($"tensor '{name}' needs dtype, shape and two data_offsets");
        }

        var type = SafetensorsDType.Find(dtype)
            ?? throw Damaged($"tensor '{name}' has dtype '{dtype}', expected one of {SafetensorsDType.Known}");
        return new SafetensorsEntry(name, type.Type, [.. shape], dataStart + offsets[0], CheckedLength(name, type.Size, shape, offsets));
    }

    private static List<long> ParseIntegers(ref Utf8JsonReader reader)
    {
        Expect(reader.TokenType == JsonTokenType.StartArray, "shape and data_offsets must be arrays");
        var values = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            values.Add(reader.GetInt64());
        }

        return values;
    }

    private long CheckedLength(string name, int elementSize, List<long> shape, List<long> offsets)
    {
        var length = offsets[1] - offsets[0];
        if (offsets[0] < 0 || length < 0)
        {
            throw Damaged($"tensor '{name}' has data_offsets [{offsets[0]}, {offsets[1]}], expected an increasing pair");
        }

        UInt128 expected = (UInt128)elementSize;
        foreach (var extent in shape)
        {
            expected = extent < 0 ? UInt128.MaxValue : expected * (UInt128)extent;
            if (expected > long.MaxValue)
            {
                throw Damaged($"tensor '{name}' has the impossible shape [{string.Join(", ", shape)}]");
            }
        }

        return (UInt128)length == expected
            ? length
            : throw Damaged($"tensor '{name}' of shape [{string.Join(", ", shape)}] needs {expected} bytes, its data_offsets give {length}");
    }

    private void CheckCoverage(long dataStart, long fileLength)
    {
        var position = dataStart;
        foreach (var entry in _entries.Values.OrderBy(entry => entry.Offset).ThenBy(entry => entry.Length))
        {
            if (entry.Offset != position)
            {
                throw Damaged(entry.Offset < position
                    ? $"tensor '{entry.Name}' overlaps the one before it"
                    : $"{entry.Offset - position} bytes before tensor '{entry.Name}' belong to no tensor");
            }

            if (entry.Length > fileLength - position)
            {
                throw Damaged($"tensor '{entry.Name}' needs {entry.Length} bytes, but only {fileLength - position} follow; the file is truncated, copy it again");
            }

            position += entry.Length;
        }

        if (position != fileLength)
        {
            throw Damaged($"{fileLength - position} bytes at the end belong to no tensor");
        }
    }

    private static void Expect(bool condition, string problem)
    {
        if (!condition)
        {
            throw new FormatException(problem);
        }
    }

    private SafetensorsException Damaged(string problem, Exception? inner = null) => new(_path, problem, inner);
}
