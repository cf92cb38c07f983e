using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Tensors on their way to native code: their handles side by side, and the tensors kept alive meanwhile.</summary>
internal readonly unsafe ref struct TensorList
{
    private readonly Tensor?[] _tensors;
    private readonly nint* _handles;

    internal TensorList(IEnumerable<Tensor?>? tensors)
        : this(tensors is null ? [] : tensors as Tensor?[] ?? [.. tensors])
    {
    }

    internal TensorList(ReadOnlySpan<Tensor> tensors)
        : this((Tensor?[])tensors.ToArray())
    {
    }

    private TensorList(Tensor?[] tensors)
    {
        _tensors = tensors;
        _handles = (nint*)NativeMemory.Alloc((nuint)Math.Max(tensors.Length, 1), (nuint)sizeof(nint));
        try
        {
            for (var i = 0; i < tensors.Length; i++)
            {
                // An absent tensor is a null handle; an invalid (disposed) one is an error.
                _handles[i] = tensors[i] is { } tensor ? tensor.Handle : 0;
            }
        }
        catch
        {
            NativeMemory.Free(_handles);
            throw;
        }
    }

    internal nint* Handles => _handles;

    internal long Count => _tensors.Length;

    public void Dispose()
    {
        NativeMemory.Free(_handles);
        GC.KeepAlive(_tensors);
    }
}
