using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TorchSharp.Utils;

/// <summary>A tensor's elements in host memory, read and written in place, in row-major order whatever the strides.</summary>
public sealed class TensorAccessor<T> : IDisposable, IEnumerable<T>
    where T : unmanaged
{
    private readonly torch.Tensor _tensor;
    private readonly nint _data;
    private readonly long[] _shape;
    private readonly long[] _strides;
    private readonly bool _dense;

    internal TensorAccessor(torch.Tensor tensor)
    {
        if (tensor.device_type != DeviceType.CPU)
        {
            throw new InvalidOperationException(
                "Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
        }

        _tensor = tensor;
        _data = tensor.DataPointer();
        _shape = tensor.shape;
        _strides = tensor.stride();
        _dense = ElementOffsets.IsDense(_shape, _strides);
        Count = tensor.NumberOfElements;
    }

    public long Count { get; }

    public bool IsReadOnly => false;

    /// <summary>The element at one index per dimension, or at a single row-major position.</summary>
    public T this[params long[] indices]
    {
        get => Element(indices);
        set => Element(indices) = value;
    }

    public static bool operator ==(TensorAccessor<T> left, TensorAccessor<T> right) =>
        left is null ? right is null : left.Equals(right);

    public static bool operator !=(TensorAccessor<T> left, TensorAccessor<T> right) => !(left == right);

    public T[] ToArray()
    {
        var result = new T[Count];
        CopyTo(result);
        return result;
    }

    /// <summary>An array with the tensor's rank; a single element makes an array of one.</summary>
    public Array ToNDArray()
    {
        if (_shape.Length < 2)
        {
            return ToArray();
        }

        var result = Array.CreateInstance(typeof(T), _shape);
        CopyTo(MemoryMarshal.CreateSpan(ref Unsafe.As<byte, T>(ref MemoryMarshal.GetArrayDataReference(result)), result.Length));
        return result;
    }

    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    /// <summary>Copies from a row-major position on, until one of the two ends.</summary>
    public unsafe void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var target = array[Math.Min(arrayIndex, array.Length)..];
        var count = (int)Math.Min(target.Length, Count - tensorIndex);
        if (count <= 0)
        {
            return;
        }

        if (_dense)
        {
            new ReadOnlySpan<T>((T*)_data + tensorIndex, count).CopyTo(target);
        }
        else
        {
            for (var i = 0; i < count; i++)
            {
                target[i] = At(tensorIndex + i);
            }
        }

        GC.KeepAlive(_tensor);
    }

    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) =>
        CopyFrom((ReadOnlySpan<T>)array, arrayIndex, tensorIndex);

    /// <summary>Overwrites from a row-major position on, until one of the two ends.</summary>
    public unsafe void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var source = array[Math.Min(arrayIndex, array.Length)..];
        var count = (int)Math.Min(source.Length, Count - tensorIndex);
        if (count <= 0)
        {
            return;
        }

        if (_dense)
        {
            source[..count].CopyTo(new Span<T>((T*)_data + tensorIndex, count));
        }
        else
        {
            for (var i = 0; i < count; i++)
            {
                At(tensorIndex + i) = source[i];
            }
        }

        GC.KeepAlive(_tensor);
    }

    /// <summary>The same elements?</summary>
    public override bool Equals(object? obj) => obj is TensorAccessor<T> other && Count == other.Count && this.SequenceEqual(other);

    public override int GetHashCode() => HashCode.Combine(Count, _data);

    /// <summary>The tensor is its owner's to dispose of.</summary>
    public void Dispose()
    {
    }

    public IEnumerator<T> GetEnumerator()
    {
        for (var i = 0L; i < Count; i++)
        {
            yield return At(i);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private ref T Element(long[] indices)
    {
        if (indices.Length == 1)
        {
            if (indices[0] < 0 || indices[0] >= Count)
            {
                throw new IndexOutOfRangeException($"Expected an index from 0 to {Count - 1}, found {indices[0]}.");
            }

            return ref At(indices[0]);
        }

        if (indices.Length != _shape.Length)
        {
            throw new ArgumentException($"Expected {_shape.Length} indices, found {indices.Length}.");
        }

        var offset = 0L;
        for (var dim = 0; dim < indices.Length; dim++)
        {
            if (indices[dim] < 0 || indices[dim] >= _shape[dim])
            {
                throw new IndexOutOfRangeException(
                    $"Expected an index from 0 to {_shape[dim] - 1} in dimension {dim}, found {indices[dim]}.");
            }

            offset += indices[dim] * _strides[dim];
        }

        return ref AtOffset(offset);
    }

    private ref T At(long position) => ref AtOffset(_dense ? position : ElementOffsets.Of(position, _shape, _strides));

    private unsafe ref T AtOffset(long offset) => ref ((T*)_data)[offset];
}
