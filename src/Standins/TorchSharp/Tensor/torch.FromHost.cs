using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A tensor of an array of any rank and element type. On the CPU and with the same type it is the array's memory.</summary>
    public static Tensor from_array(Array rawArray, Device? device = null) => from_array(rawArray, null, device);

    public static Tensor from_array(Array rawArray, ScalarType? dtype, Device? device = null, bool requires_grad = false, string[]? names = null)
    {
        var shape = Enumerable.Range(0, rawArray.Rank).Select(rawArray.GetLongLength).ToArray();
        return Borrow(rawArray, ElementType(rawArray), 0, shape, dtype, InitializeDevice(device), requires_grad, names);
    }

    public static Tensor as_tensor(Array data, ScalarType? dtype = null, Device? device = null) => from_array(data, dtype, device);

    /// <summary>A tensor over a part of an array, whose memory it shares unless the type differs.</summary>
    public static Tensor frombuffer(Array rawArray, ScalarType dtype, long count = -1, long offset = 0, bool requires_grad = false)
    {
        var length = rawArray.LongLength;
        if (offset < 0 || offset >= length)
        {
            throw new ArgumentException($"invalid value for 'offset': expected 0 to {length - 1}, found {offset}");
        }

        if (count > length - offset)
        {
            throw new ArgumentOutOfRangeException(
                nameof(count), $"element count is too large: expected at most {length - offset}, found {count}");
        }

        return Borrow(rawArray, ElementType(rawArray), offset, [count < 0 ? length - offset : count], dtype, CPU, requires_grad, null);
    }

    /// <summary>A tensor over a file's bytes, mapped into memory rather than read.</summary>
    public static Tensor from_file(string filename, bool? shared = null, long? size = 0, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Native.st_from_file(
            filename, shared is null ? -1 : shared.Value.Int(), size ?? -1, Options.OrDefault(dtype, device, requires_grad));

    internal static Tensor FromScalar<T>(T scalar, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
        where T : unmanaged => FromSpan(new ReadOnlySpan<T>(in scalar), [], dtype, device, requires_grad);

    internal static Tensor FromArray<T>(T[] array, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null)
        where T : unmanaged => FromSpan<T>(array, [array.LongLength], dtype, device, requires_grad, names);

    /// <summary>Copies host memory once, straight to the device if there is one.</summary>
    private static unsafe Tensor FromSpan<T>(ReadOnlySpan<T> data, ReadOnlySpan<long> dimensions, ScalarType? dtype, Device? device, bool requires_grad, string[]? names = null)
        where T : unmanaged
    {
        var total = 1L;
        foreach (var length in dimensions)
        {
            total *= length;
        }

        if (total > data.Length)
        {
            throw new ArgumentException($"mismatched total size creating a tensor from an array: {total} vs. {data.Length}");
        }

        fixed (T* start = data)
        {
            return Named(
                Native.st_from_host(
                    start, dimensions, dimensions.Length, (int)ToScalarType(typeof(T)),
                    new Options(dtype, InitializeDevice(device), requires_grad)),
                names);
        }
    }

    private static Tensor FromList<T>(IList<T> list, ReadOnlySpan<long> dimensions, ScalarType? dtype, Device? device, bool requires_grad, string[]? names)
        where T : unmanaged =>
        FromSpan(
            list switch
            {
                T[] array => array,
                List<T> items => CollectionsMarshal.AsSpan(items),
                _ => list.ToArray(),
            },
            dimensions, dtype, device, requires_grad, names);

    private static Tensor FromGrid<T>(Array grid, ScalarType? dtype, Device? device, bool requires_grad, string[]? names)
        where T : unmanaged
    {
        Span<long> dimensions = stackalloc long[grid.Rank];
        for (var i = 0; i < dimensions.Length; i++)
        {
            dimensions[i] = grid.GetLongLength(i);
        }

        var elements = MemoryMarshal.CreateReadOnlySpan(
            ref Unsafe.As<byte, T>(ref MemoryMarshal.GetArrayDataReference(grid)), grid.Length);
        return FromSpan(elements, dimensions, dtype, device, requires_grad, names);
    }

    private static unsafe Tensor Borrow(Array array, Type element, long offset, long[] shape, ScalarType? dtype, Device device, bool requires_grad, string[]? names)
    {
        var source = ToScalarType(element);
        var pin = GCHandle.Alloc(array, GCHandleType.Pinned);
        Tensor tensor;
        try
        {
            // The shape is checked by the caller, so that native code cannot refuse it and leave the pin behind.
            var start = (byte*)pin.AddrOfPinnedObject() + (offset * source.ElementSize());
            tensor = array.LongLength == 0
                ? Native.st_empty(shape, shape.Length, new Options(source, CPU))
                : Native.st_borrow_host((nint)start, shape, shape.Length, [], -1, (int)source, &Unpin, GCHandle.ToIntPtr(pin));
        }
        catch
        {
            pin.Free();
            throw;
        }

        if (array.LongLength == 0)
        {
            pin.Free();
        }

        if ((dtype is { } type && type != source) || device.type != DeviceType.CPU)
        {
            tensor = tensor.to(dtype ?? source, device, disposeAfter: true);
        }

        return Named(requires_grad ? tensor.requires_grad_() : tensor, names);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Unpin(nint handle) => GCHandle.FromIntPtr(handle).Free();

    private static Type ElementType(Array array) => array.GetType().GetElementType()!;

    private static Tensor Named(Tensor tensor, string[]? names) => names is { Length: > 0 } ? tensor.rename_(names) : tensor;
}
