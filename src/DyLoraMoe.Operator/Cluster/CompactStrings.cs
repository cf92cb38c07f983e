using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CommunityToolkit.HighPerformance.Buffers;

namespace DyLoraMoe.Operator.Cluster;

/// <summary>
/// Reads strings so that equal ones are one string: thousands of objects have the same labels, reasons, messages and owners, and a cache that held
/// each on its own was mostly these. Writes long ones in pieces, so that nobody needs room for the whole of a text six times over.
/// </summary>
internal sealed class CompactStrings : JsonConverter<string>
{
    private const int LongestName = 256;
    private const int LongestText = 4096;
    private const int Piece = 8192;

    private readonly StringPool _names = new(4096);

    // Data of a skill, results of a job: the same one is read several times within moments, by watches and answers, and hardly ever later.
    private readonly StringPool _texts = new(256);

    /// <inheritdoc/>
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType == JsonTokenType.String ? Text(ref reader) : reader.GetString();

    /// <inheritdoc/>
    public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Text(ref reader);

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options)
    {
        var rest = value.AsSpan();
        if (rest.Length <= Piece)
        {
            writer.WriteStringValue(rest);
            return;
        }

        for (; rest.Length > Piece; rest = rest[Piece..])
        {
            writer.WriteStringValueSegment(rest[..Piece], isFinalSegment: false);
        }

        writer.WriteStringValueSegment(rest, isFinalSegment: true);
    }

    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WritePropertyName(value);

    private string Text(ref Utf8JsonReader reader)
    {
        if (reader.HasValueSequence || reader.ValueSpan.Length > LongestText)
        {
            return reader.GetString()!;
        }

        var pool = reader.ValueSpan.Length <= LongestName ? _names : _texts;
        if (!reader.ValueIsEscaped)
        {
            return pool.GetOrAdd(reader.ValueSpan, Encoding.UTF8);
        }

        Span<char> text = stackalloc char[LongestText];
        return pool.GetOrAdd(text[..reader.CopyString(text)]);
    }
}
