using System.Buffers.Binary;
using System.Text;

namespace Microsoft.ML.Tokenizers;

/// <summary>The fields of a SentencePiece model file that a byte-pair tokenizer needs.</summary>
internal sealed class SentencePieceModel
{
    public const int BytePair = 2;
    public const int UnusedPiece = 5;
    public const int BytePiece = 6;

    public List<(string Text, float Score, int Kind)> Pieces { get; } = [];

    public int ModelType { get; private set; } = 1;

    public bool ByteFallback { get; private set; }

    public bool TreatWhitespaceAsSuffix { get; private set; }

    public int UnknownId { get; private set; }

    public int BeginningId { get; private set; } = 1;

    public int EndId { get; private set; } = 2;

    public string UnknownPiece { get; private set; } = "<unk>";

    public string BeginningPiece { get; private set; } = "<s>";

    public string EndPiece { get; private set; } = "</s>";

    public string NormalizerName { get; private set; } = string.Empty;

    public bool AddDummyPrefix { get; private set; } = true;

    public bool RemoveExtraWhitespaces { get; private set; } = true;

    public bool EscapeWhitespaces { get; private set; } = true;

    public static SentencePieceModel Read(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using MemoryStream memory = new();
        stream.CopyTo(memory);
        SentencePieceModel model = new();
        foreach (var (field, _, bytes) in Fields(memory.ToArray()))
        {
            switch (field)
            {
                case 1:
                    model.Pieces.Add(Piece(bytes));
                    break;
                case 2:
                    model.ReadTrainer(bytes);
                    break;
                case 3:
                    model.ReadNormalizer(bytes);
                    break;
            }
        }

        return model;
    }

    private static (string Text, float Score, int Kind) Piece(ReadOnlyMemory<byte> message)
    {
        var (text, score, kind) = (string.Empty, 0f, 1);
        foreach (var (field, number, bytes) in Fields(message))
        {
            switch (field)
            {
                case 1:
                    text = Encoding.UTF8.GetString(bytes.Span);
                    break;
                case 2:
                    score = BitConverter.UInt32BitsToSingle((uint)number);
                    break;
                case 3:
                    kind = (int)number;
                    break;
            }
        }

        return (text, score, kind);
    }

    private static List<(int Field, ulong Number, ReadOnlyMemory<byte> Bytes)> Fields(ReadOnlyMemory<byte> message)
    {
        List<(int, ulong, ReadOnlyMemory<byte>)> fields = [];
        var at = 0;
        while (at < message.Length)
        {
            var tag = Varint(message.Span, ref at);
            var number = (tag & 7) is 0 or 2 ? Varint(message.Span, ref at) : 0;
            var length = (tag & 7) switch
            {
                0 => 0UL,
                1 => 8UL,
                2 => number,
                5 => 4UL,
                _ => ulong.MaxValue,
            };
            if (length > (ulong)(message.Length - at))
            {
                throw new InvalidDataException("The stream is not a SentencePiece model: a field does not fit.");
            }

            var bytes = message.Slice(at, (int)length);
            at += (int)length;
            fields.Add(((int)(tag >> 3), (tag & 7) == 5 ? BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span) : number, bytes));
        }

        return fields;
    }

    private static ulong Varint(ReadOnlySpan<byte> bytes, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; shift < 64 && at < bytes.Length; shift += 7)
        {
            var next = bytes[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("The stream is not a SentencePiece model: a number does not end.");
    }

    private void ReadTrainer(ReadOnlyMemory<byte> message)
    {
        foreach (var (field, number, bytes) in Fields(message))
        {
            switch (field)
            {
                case 3:
                    ModelType = (int)number;
                    break;
                case 24:
                    TreatWhitespaceAsSuffix = number != 0;
                    break;
                case 35:
                    ByteFallback = number != 0;
                    break;
                case 40:
                    UnknownId = Math.Max(0, (int)number);
                    break;
                case 41:
                    BeginningId = Math.Max(0, (int)number);
                    break;
                case 42:
                    EndId = Math.Max(0, (int)number);
                    break;
                case 45:
                    UnknownPiece = Encoding.UTF8.GetString(bytes.Span);
                    break;
                case 46:
                    BeginningPiece = Encoding.UTF8.GetString(bytes.Span);
                    break;
                case 47:
                    EndPiece = Encoding.UTF8.GetString(bytes.Span);
                    break;
            }
        }
    }

    private void ReadNormalizer(ReadOnlyMemory<byte> message)
    {
        foreach (var (field, number, bytes) in Fields(message))
        {
            switch (field)
            {
                case 1:
                    NormalizerName = Encoding.UTF8.GetString(bytes.Span);
                    break;
                case 3:
                    AddDummyPrefix = number != 0;
                    break;
                case 4:
                    RemoveExtraWhitespaces = number != 0;
                    break;
                case 5:
                    EscapeWhitespaces = number != 0;
                    break;
            }
        }
    }
}
