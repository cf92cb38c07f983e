using System;
using System.IO;
using System.Linq;
using static TorchSharp.torch;

namespace TorchSharp;

// A tensor in a file: its type, its number of dimensions and their sizes, each in seven-bit groups, and its bytes.
public static partial class TensorExtensionMethods
{
    public static void Save(this Tensor tensor, BinaryWriter writer)
    {
        var shape = tensor.shape;
        writer.Write7BitEncodedInt64((int)tensor.dtype);
        writer.Write7BitEncodedInt64(shape.Length);
        foreach (var size in shape)
        {
            writer.Write7BitEncodedInt64(size);
        }

        writer.Flush();
        tensor.WriteBytesToStream(writer.BaseStream);
    }

    public static void Save(this Tensor tensor, Stream stream)
    {
        using var writer = new BinaryWriter(stream);
        tensor.Save(writer);
    }

    public static void Save(this Tensor tensor, string location)
    {
        using var stream = File.Create(location);
        tensor.Save(stream);
    }

    /// <summary>Fills this tensor from a file; <paramref name="skip"/> only moves past what is there.</summary>
    public static void Load(this Tensor tensor, BinaryReader reader, bool skip = false)
    {
        var (type, shape) = ReadHeader(reader);
        if (skip)
        {
            Skip(reader, type, shape);
            return;
        }

        Require(tensor, type, shape);
        Fill(tensor, reader);
    }

    /// <summary>A new tensor from a file; with <paramref name="skip"/>, one of that shape with nothing in it.</summary>
    public static Tensor Load(BinaryReader reader, bool skip = false)
    {
        Tensor? result = null;
        Load(ref result, reader, skip);
        return result!;
    }

    /// <summary>Fills the tensor, or makes one if there is none.</summary>
    public static void Load(ref Tensor? tensor, BinaryReader reader, bool skip = false)
    {
        var (type, shape) = ReadHeader(reader);
        if (skip)
        {
            Skip(reader, type, shape);
            tensor ??= zeros(shape, dtype: type);
            return;
        }

        if (tensor is null)
        {
            tensor = empty(shape, dtype: type);
        }
        else
        {
            Require(tensor, type, shape);
        }

        Fill(tensor, reader);
    }

    private static (ScalarType type, long[] shape) ReadHeader(BinaryReader reader)
    {
        var type = (ScalarType)reader.Read7BitEncodedInt64();
        var dimensions = reader.Read7BitEncodedInt64();
        if (!Enum.IsDefined(type) || dimensions is < 0 or > 64)
        {
            throw new InvalidDataException($"Expected a tensor, found type {(int)type} with {dimensions} dimensions: the stream holds something else, or is damaged.");
        }

        var shape = new long[dimensions];
        for (var i = 0; i < shape.Length; i++)
        {
            shape[i] = reader.Read7BitEncodedInt64();
        }

        return (type, shape);
    }

    private static void Require(Tensor tensor, ScalarType type, long[] shape)
    {
        if (tensor.dtype != type || !tensor.shape.AsSpan().SequenceEqual(shape))
        {
            throw new ArgumentException(
                $"Expected a tensor of type {tensor.dtype} and shape [{string.Join(", ", tensor.shape)}], found {type} and [{string.Join(", ", shape)}]: load it into a model that is exactly like the one it was saved from.");
        }
    }

    private static void Fill(Tensor tensor, BinaryReader reader)
    {
        using var _ = no_grad();
        if (tensor.device_type == DeviceType.CPU && tensor.is_contiguous())
        {
            tensor.ReadBytesFromStream(reader.BaseStream);
            return;
        }

        using var host = empty(tensor.shape, dtype: tensor.dtype);
        host.ReadBytesFromStream(reader.BaseStream);
        tensor.copy_(host);
    }

    private static void Skip(BinaryReader reader, ScalarType type, long[] shape)
    {
        using var element = empty(1, dtype: type);
        reader.BaseStream.Seek(shape.Aggregate(element.ElementSize, static (bytes, size) => checked(bytes * size)), SeekOrigin.Current);
    }
}
