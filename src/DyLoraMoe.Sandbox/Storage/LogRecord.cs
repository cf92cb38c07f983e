using System.Buffers.Binary;
using System.Text;

namespace DyLoraMoe.Sandbox.Storage;

/// <summary>One line of the log: a write (<see cref="Value"/> is the object's text) or a deletion (it is null).</summary>
internal sealed record LogRecord(ulong Version, ObjectKey Key, byte[]? Value)
{
    private const byte Put = 1;
    private const byte Delete = 2;

    /// <summary>The record as bytes: kind, version, then key parts and value, each with its length before it.</summary>
    public byte[] Encode()
    {
        byte[] collection = Encoding.UTF8.GetBytes(Key.Collection);
        byte[] space = Encoding.UTF8.GetBytes(Key.Namespace);
        byte[] name = Encoding.UTF8.GetBytes(Key.Name);
        byte[] record = new byte[1 + 8 + 6 + collection.Length + space.Length + name.Length + (Value?.Length ?? 0)];
        record[0] = Value is null ? Delete : Put;
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(1), Version);
        int at = 9;
        foreach (byte[] part in (ReadOnlySpan<byte[]>)[collection, space, name])
        {
            BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(at), checked((ushort)part.Length));
            part.CopyTo(record.AsSpan(at + 2));
            at += 2 + part.Length;
        }

        Value?.CopyTo(record.AsSpan(at));
        return record;
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    public static LogRecord Decode(ReadOnlySpan<byte> record)
    {
        ulong version = BinaryPrimitives.ReadUInt64LittleEndian(record[1..]);
        int at = 9;
        string collection = Part(record, ref at);
        string space = Part(record, ref at);
        string name = Part(record, ref at);
        return new LogRecord(version, new ObjectKey(collection, space, name), record[0] == Put ? record[at..].ToArray() : null);
    }

    private static string Part(ReadOnlySpan<byte> record, ref int at)
    {
        int length = BinaryPrimitives.ReadUInt16LittleEndian(record[at..]);
        string part = Encoding.UTF8.GetString(record.Slice(at + 2, length));
        at += 2 + length;
        return part;
    }
}
