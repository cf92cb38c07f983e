using System;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Text;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>The C ABI (see native/abi.h) and what every caller of it needs.</summary>
internal static unsafe partial class Native
{
    private const string Library = "torch_standin";

    static Native() => BlasKernels.Choose();

    /// <summary>The exception that the last failed call on this thread left behind.</summary>
    internal static Exception Failure()
    {
        Span<byte> buffer = stackalloc byte[1024];
        long length, managedFailure;
        fixed (byte* start = buffer)
        {
            length = st_take_error(start, buffer.Length, out managedFailure);
        }

        if (managedFailure != 0 && ManagedFailures.Take(managedFailure) is { } original)
        {
            ExceptionDispatchInfo.Throw(original);
        }

        if (length > buffer.Length)
        {
            buffer = new byte[length];
            fixed (byte* start = buffer)
            {
                st_take_error(start, length, out managedFailure);
            }
        }

        return new ExternalException(Encoding.UTF8.GetString(buffer[..(int)length]).TrimEnd());
    }

    /// <summary>Throws if a native status says that the call failed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Check(int status)
    {
        if (status != 0)
        {
            throw Failure();
        }
    }

    /// <summary>A native flag: 1, 0, or -1 for a failure.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Flag(int value) => value >= 0 ? value != 0 : throw Failure();

    /// <summary>A native quantity: negative for a failure.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long Quantity(long value) => value >= 0 ? value : throw Failure();

    /// <summary>Takes over a list of new references; a null entry stays null.</summary>
    internal static Tensor?[] TakeOptionalList(nint* list, long count)
    {
        var result = new Tensor?[count];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = list[i] == 0 ? null : new Tensor(list[i]);
        }

        st_free_list(list);
        return result;
    }

    internal static Tensor[] TakeList(nint* list, long count) => (Tensor[])TakeOptionalList(list, count)!;

    /// <summary>Fills two slots: the results of an operation that returns a pair.</summary>
    internal static (Tensor, Tensor) Pair(int status, nint* results)
    {
        Check(status);
        return (new Tensor(results[0]), new Tensor(results[1]));
    }

    internal static (Tensor, Tensor, Tensor) Triple(int status, nint* results)
    {
        Check(status);
        return (new Tensor(results[0]), new Tensor(results[1]), new Tensor(results[2]));
    }

    internal static int Int(this bool value) => value ? 1 : 0;

    /// <summary>A length of -1 tells native code that no dimensions were given.</summary>
    internal static long LengthOrNone(this long[]? values) => values is null ? -1 : values.Length;
}
