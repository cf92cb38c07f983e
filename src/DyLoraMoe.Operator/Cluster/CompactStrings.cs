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
    // What is longer is data, and hardly ever there twice.
    private const int MostPooled = 256;
    private const int Piece = 8192;

    private readonly StringPool _pool = new(4096);

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

    private string Text(ref Utf8JsonReader reader) =>
        reader is { HasValueSequence: false, ValueIsEscaped: false, ValueSpan.Length: <= MostPooled } ? _pool.GetOrAdd(reader.ValueSpan, Encoding.UTF8) : reader.GetString()!;
}
