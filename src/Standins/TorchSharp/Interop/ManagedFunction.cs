using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>The callbacks behind a custom autograd function; the mirror of the C++ struct of that name.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ManagedFunction
{
    internal delegate* unmanaged[Cdecl]<nint, nint, long> Forward;
    internal delegate* unmanaged[Cdecl]<nint, nint, nint*, long, nint, long> Backward;
    internal delegate* unmanaged[Cdecl]<nint, void> Release;

    internal static ManagedFunction Callbacks => new()
    {
        Forward = &RunForward,
        Backward = &RunBackward,
        Release = &Free,
    };

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static long RunForward(nint state, nint result)
    {
        try
        {
            Call(state).Forward(result);
            return 0;
        }
        catch (Exception exception)
        {
            return ManagedFailures.Put(exception);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static long RunBackward(nint state, nint context, nint* grads, long gradsCount, nint result)
    {
        try
        {
            Call(state).Backward(context, new ReadOnlySpan<nint>(grads, checked((int)gradsCount)), result);
            return 0;
        }
        catch (Exception exception)
        {
            return ManagedFailures.Put(exception);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Free(nint state)
    {
        var call = Call(state);
        GCHandle.FromIntPtr(state).Free();
        call.Dispose();
    }

    private static FunctionCall Call(nint state) => (FunctionCall)GCHandle.FromIntPtr(state).Target!;
}
