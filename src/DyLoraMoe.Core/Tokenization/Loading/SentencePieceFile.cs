using System.Buffers.Binary;
using System.Text;

namespace DyLoraMoe.Core.Tokenization.Loading;

/// <summary>The kinds of piece in a SentencePiece model.</summary>
internal enum PieceKind
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}

/// <summary>
/// A SentencePiece <c>tokenizer.model</c>: the fields of its protocol buffer that a byte-pair model needs
/// (<see href="https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto"/>).
/// </summary>
internal sealed class SentencePieceFile
{
    private const long LargestFile = 256L << 20;
    private const int BytePairModelType = 2;

    private string _path = string.Empty;

    public List<(string Text, float Score, PieceKind Kind)> Pieces { get; } = [];

    public int ModelType { get; private set; } = 1;

    public bool ByteFallback { get; private set; }

    public int UnknownId { get; private set; }

    public int BosId { get; private set; } = 1;

    public int EosId { get; private set; } = 2;

    public int PadId { get; private set; } = -1;

    public bool AddDummyPrefix { get; private set; } = true;

    public bool RemoveExtraWhitespaces { get; private set; } = true;

    public static SentencePieceFile Read(string path)
    {
        var size = new FileInfo(path).Length;
        if (size > LargestFile)
        {
            throw new InvalidDataException($"{path} has {size} bytes; a SentencePiece model of at most {LargestFile} is read.");
        }

        SentencePieceFile file = new() { _path = path };
        var normalizer = string.Empty;
        var charsmap = 0;
        file.ForEach(File.ReadAllBytes(path), (field, number, bytes) =>
        {
            switch (field)
            {
                case 1:
                    file.AddPiece(bytes);
                    break;
                case 2:
                    file.ReadTrainer(bytes);
                    break;
                case 3:
                    file.ReadNormalizer(bytes, ref normalizer, ref charsmap);
                    break;
            }
        });
        if (file.ModelType != BytePairModelType)
        {
            throw new NotSupportedException($"{path} is a SentencePiece model of type {file.ModelType}. Supported: {BytePairModelType} (BPE).");
        }

        if (charsmap > 0)
        {
            throw new NotSupportedException($"{path} normalizes with '{normalizer}'. Supported: identity, as Llama, Mistral and Gemma use it.");
        }

        return file.Pieces.Count > 0 ? file : throw new InvalidDataException($"{path} holds no pieces; it is no SentencePiece model.");
    }

    private void AddPiece(ReadOnlyMemory<byte> message)
    {
        var (text, score, kind) = (string.Empty, 0f, PieceKind.Normal);
        ForEach(message, (field, number, bytes) =>
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
                    kind = (PieceKind)number;
                    break;
            }
        });
        Pieces.Add((text, score, kind));
    }

    private void ReadTrainer(ReadOnlyMemory<byte> message) => ForEach(message, (field, number, _) =>
    {
        switch (field)
        {
            case 3:
                ModelType = (int)number;
                break;
            case 35:
                ByteFallback = number != 0;
                break;
            case 40:
                UnknownId = (int)number;
                break;
            case 41:
                BosId = (int)number;
                break;
            case 42:
                EosId = (int)number;
                break;
            case 43:
                PadId = (int)number;
                break;
        }
    });

    private void ReadNormalizer(ReadOnlyMemory<byte> message, ref string name, ref int charsmap)
    {
        var (foundName, foundCharsmap) = (name, charsmap);
        ForEach(message, (field, number, bytes) =>
        {
            switch (field)
            {
                case 1:
                    foundName = Encoding.UTF8.GetString(bytes.Span);
                    break;
                case 2:
                    foundCharsmap = bytes.Length;
                    break;
                case 3:
                    AddDummyPrefix = number != 0;
                    break;
                case 4:
                    RemoveExtraWhitespaces = number != 0;
                    break;
            }
        });
        (name, charsmap) = (foundName, foundCharsmap);
    }

    /// <summary>Walks the fields of a message: varints and 32-bit numbers as numbers, strings and messages as bytes.</summary>
    private void ForEach(ReadOnlyMemory<byte> message, Action<int, ulong, ReadOnlyMemory<byte>> visit)
    {
        var at = 0;
        while (at < message.Length)
        {
            var tag = Varint(message.Span, ref at);
            var length = 0;
            ulong number = 0;
            switch (tag & 7)
            {
                case 0:
                    number = Varint(message.Span, ref at);
                    break;
                case 1:
                    length = 8;
                    break;
                case 2:
                    var claimed = Varint(message.Span, ref at);
                    length = claimed <= (ulong)(message.Length - at) ? (int)claimed : throw Damaged();
                    break;
                case 5:
                    length = 4;
                    break;
                default:
                    throw Damaged();
            }

            if (length > message.Length - at)
            {
                throw Damaged();
            }

            var bytes = message.Slice(at, length);
            number = (tag & 7) == 5 ? BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span) : number;
            at += length;
            visit((int)(tag >> 3), number, bytes);
        }
    }

    private ulong Varint(ReadOnlySpan<byte> bytes, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (at >= bytes.Length)
            {
                break;
            }

            var next = bytes[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Damaged();
    }

    private InvalidDataException Damaged() => new($"{_path} is not a SentencePiece model, or is cut off: a field does not fit. Fetch it again.");
}
