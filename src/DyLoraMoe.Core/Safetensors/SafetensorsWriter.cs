using System.Buffers.Binary;
using System.Text.Json;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Safetensors;

/// <summary>Writes safetensors files: aside, synced, then renamed, so that no reader ever sees half a file.</summary>
public static class SafetensorsWriter
{
    private const long ChunkBytes = 32L << 20;

    /// <summary>Writes <paramref name="tensors"/> to <paramref name="path"/>, replacing what is there.</summary>
    /// <param name="path">The file to write; its folder must exist.</param>
    /// <param name="tensors">Tensors by name, on any device; they are not changed.</param>
    /// <param name="metadata">Free-form strings for the header.</param>
    public static void Write(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        using var _ = no_grad();
        var ordered = tensors.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToList();
        AtomicFile.Write(path, stream =>
        {
            WriteHeader(stream, ordered, metadata);
            foreach (var (_, tensor) in ordered)
            {
                WriteData(stream, tensor);
            }
        });
    }

    private static void WriteHeader(Stream stream, List<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject("__metadata__");
                foreach (var (key, value) in metadata)
                {
                    json.WriteString(key, value);
                }

                json.WriteEndObject();
            }

            var offset = 0L;
            foreach (var (name, tensor) in tensors)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", SafetensorsDType.Name(tensor.dtype));
                json.WriteStartArray("shape");
                foreach (var extent in tensor.shape)
                {
                    json.WriteNumberValue(extent);
                }

                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                offset += tensor.numel() * SafetensorsDType.Size(tensor.dtype);
                json.WriteNumberValue(offset);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        // Eight-byte alignment lets readers map the data in place.
        var padding = (int)((8 - (buffer.Length % 8)) % 8);
        Span<byte> prefix = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)(buffer.Length + padding));
        stream.Write(prefix);
        stream.Write(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
        stream.Write("        "u8[..padding]);
    }

    private static void WriteData(Stream stream, Tensor tensor)
    {
        using var contiguous = tensor.detach().contiguous();
        using var flat = contiguous.view(-1);
        var step = ChunkBytes / SafetensorsDType.Size(tensor.dtype);
        for (var first = 0L; first < flat.shape[0]; first += step)
        {
            using var part = flat.narrow(0, first, Math.Min(step, flat.shape[0] - first));
            using var host = part.cpu();
            stream.Write(host.bytes);
        }
    }
}
