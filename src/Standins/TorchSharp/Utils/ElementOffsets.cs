using System;

namespace TorchSharp.Utils;

/// <summary>Where elements lie in a strided tensor's memory.</summary>
internal static class ElementOffsets
{
    /// <summary>The offset of the element at a position in row-major order.</summary>
    internal static long Of(long position, ReadOnlySpan<long> shape, ReadOnlySpan<long> strides)
    {
        var offset = 0L;
        for (var dim = shape.Length - 1; dim >= 0; dim--)
        {
            (position, var index) = Math.DivRem(position, shape[dim]);
            offset += index * strides[dim];
        }

        return offset;
    }

    internal static bool IsDense(ReadOnlySpan<long> shape, ReadOnlySpan<long> strides)
    {
        var expected = 1L;
        for (var dim = shape.Length - 1; dim >= 0; dim--)
        {
            if (shape[dim] != 1 && strides[dim] != expected)
            {
                return false;
            }

            expected *= shape[dim];
        }

        return true;
    }
}
