using System.Buffers.Binary;
using System.Text.Json.Nodes;

namespace DyLoraMoe.Trainer.Tests;

/// <summary>Reads and damages safetensors files without the code under test.</summary>
internal static class SafetensorsHeader
{
    /// <summary>The header as JSON.</summary>
    public static JsonObject Read(string path)
    {
        using var stream = File.OpenRead(path);
        Span<byte> length = stackalloc byte[8];
        stream.ReadExactly(length);
        var header = new byte[BinaryPrimitives.ReadUInt64LittleEndian(length)];
        stream.ReadExactly(header);
        return JsonNode.Parse(header)!.AsObject();
    }

    /// <summary>Number of elements of all tensors.</summary>
    public static long Elements(string path) => Read(path)
        .Where(pair => pair.Key != "__metadata__")
        .Sum(pair => pair.Value!["shape"]!.AsArray().Aggregate(1L, (product, extent) => product * (long)extent!));

    /// <summary>Cuts bytes off the end.</summary>
    public static void Truncate(string path, long bytes)
    {
        using var stream = new FileStream(path, FileMode.Open);
        stream.SetLength(stream.Length - bytes);
    }

    /// <summary>Makes the header claim a length.</summary>
    public static void ClaimHeaderOf(string path, ulong bytes)
    {
        using var stream = new FileStream(path, FileMode.Open);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, bytes);
        stream.Write(length);
    }
}
