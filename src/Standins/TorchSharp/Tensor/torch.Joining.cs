using System;
using System.Collections.Generic;

namespace TorchSharp;

public static partial class torch
{
    public static unsafe Tensor cat(IList<Tensor> tensors, long dim = 0)
    {
        using var list = new TensorList(tensors);
        return Native.st_cat(list.Handles, list.Count, dim);
    }

    public static unsafe Tensor cat(Tensor[] tensors, long dim = 0)
    {
        using var list = new TensorList(tensors);
        return Native.st_cat(list.Handles, list.Count, dim);
    }

    public static unsafe Tensor cat(ReadOnlySpan<Tensor> tensors, long dim = 0)
    {
        using var list = new TensorList(tensors);
        return Native.st_cat(list.Handles, list.Count, dim);
    }

    public static unsafe Tensor stack(IEnumerable<Tensor> tensors, long dim = 0)
    {
        using var list = new TensorList(tensors);
        return Native.st_stack(list.Handles, list.Count, dim);
    }

    public static unsafe Tensor hstack(IList<Tensor> tensors)
    {
        using var list = new TensorList(tensors);
        return Native.st_hstack(list.Handles, list.Count);
    }

    public static unsafe Tensor hstack(params Tensor[] tensors)
    {
        using var list = new TensorList(tensors);
        return Native.st_hstack(list.Handles, list.Count);
    }

    public static unsafe Tensor hstack(IEnumerable<Tensor> tensors)
    {
        using var list = new TensorList(tensors);
        return Native.st_hstack(list.Handles, list.Count);
    }

    public static unsafe Tensor hstack(ReadOnlySpan<Tensor> tensors)
    {
        using var list = new TensorList(tensors);
        return Native.st_hstack(list.Handles, list.Count);
    }

    public static unsafe Tensor vstack(IList<Tensor> tensors)
    {
        using var list = new TensorList(tensors);
        return Native.st_vstack(list.Handles, list.Count);
    }

    public static unsafe Tensor vstack(Tensor[] tensors)
    {
        using var list = new TensorList(tensors);
        return Native.st_vstack(list.Handles, list.Count);
    }

    public static unsafe Tensor vstack(ReadOnlySpan<Tensor> tensors)
    {
        using var list = new TensorList(tensors);
        return Native.st_vstack(list.Handles, list.Count);
    }

    public static unsafe Tensor dstack(params Tensor[] tensors)
    {
        using var list = new TensorList(tensors);
        return Native.st_dstack(list.Handles, list.Count);
    }

    public static unsafe Tensor dstack(IList<Tensor> tensors)
    {
        using var list = new TensorList(tensors);
        return Native.st_dstack(list.Handles, list.Count);
    }

    public static unsafe Tensor dstack(ReadOnlySpan<Tensor> tensors)
    {
        using var list = new TensorList(tensors);
        return Native.st_dstack(list.Handles, list.Count);
    }

    public static unsafe Tensor dstack(IEnumerable<Tensor> tensors)
    {
        using var list = new TensorList(tensors);
        return Native.st_dstack(list.Handles, list.Count);
    }

    public static unsafe Tensor column_stack(IList<Tensor> tensors)
    {
        using var list = new TensorList(tensors);
        return Native.st_column_stack(list.Handles, list.Count);
    }

    public static unsafe Tensor column_stack(params Tensor[] tensors)
    {
        using var list = new TensorList(tensors);
        return Native.st_column_stack(list.Handles, list.Count);
    }

    public static unsafe Tensor column_stack(ReadOnlySpan<Tensor> tensors)
    {
        using var list = new TensorList(tensors);
        return Native.st_column_stack(list.Handles, list.Count);
    }

    public static unsafe Tensor row_stack(IList<Tensor> tensors)
    {
        using var list = new TensorList(tensors);
        return Native.st_row_stack(list.Handles, list.Count);
    }

    public static unsafe Tensor row_stack(params Tensor[] tensors)
    {
        using var list = new TensorList(tensors);
        return Native.st_row_stack(list.Handles, list.Count);
    }

    public static unsafe Tensor row_stack(ReadOnlySpan<Tensor> tensors)
    {
        using var list = new TensorList(tensors);
        return Native.st_row_stack(list.Handles, list.Count);
    }

    public static unsafe Tensor block_diag(params Tensor[] tensors)
    {
        using var list = new TensorList(tensors);
        return Native.st_block_diag(list.Handles, list.Count);
    }

    public static unsafe Tensor cartesian_prod(IList<Tensor> tensors)
    {
        using var list = new TensorList(tensors);
        return Native.st_cartesian_prod(list.Handles, list.Count);
    }

    public static unsafe Tensor cartesian_prod(params Tensor[] tensors)
    {
        using var list = new TensorList(tensors);
        return Native.st_cartesian_prod(list.Handles, list.Count);
    }

    public static unsafe Tensor cartesian_prod(ReadOnlySpan<Tensor> tensors)
    {
        using var list = new TensorList(tensors);
        return Native.st_cartesian_prod(list.Handles, list.Count);
    }

    public static unsafe Tensor concat(IList<Tensor> tensors, long dim = 0) => cat(tensors, dim);

    public static unsafe Tensor concat(Tensor[] tensors, long dim = 0) => cat(tensors, dim);

    public static unsafe Tensor concat(ReadOnlySpan<Tensor> tensors, long dim = 0) => cat(tensors, dim);

    public static unsafe Tensor concatenate(IList<Tensor> tensors, long axis = 0) => cat(tensors, axis);

    public static unsafe Tensor concatenate(Tensor[] tensors, long axis = 0) => cat(tensors, axis);

    public static unsafe Tensor concatenate(ReadOnlySpan<Tensor> tensors, long axis = 0) => cat(tensors, axis);

    public static unsafe Tensor where(Tensor condition, Tensor x, Tensor y) => Native.st_where(condition, x, y);

    /// <summary>The positions where the condition holds: one tensor per dimension.</summary>
    public static unsafe Tensor[] where(Tensor condition)
    {
        Native.Check(Native.st_where_indices(condition, out var list, out var count));
        return Native.TakeList(list, count);
    }

    /// <summary>Einstein summation.</summary>
    public static unsafe Tensor einsum(string equation, params Tensor[] tensors)
    {
        using var list = new TensorList(tensors);
        return Native.st_einsum(equation, list.Handles, list.Count);
    }

    public static unsafe Tensor[] meshgrid(IEnumerable<Tensor> tensors, string indexing = "ij")
    {
        using var input = new TensorList(tensors);
        Native.Check(Native.st_meshgrid(input.Handles, input.Count, (indexing == "xy").Int(), out var list, out var count));
        return Native.TakeList(list, count);
    }

    public static unsafe IList<Tensor> broadcast_tensors(params Tensor[] tensors)
    {
        using var input = new TensorList(tensors);
        Native.Check(Native.st_broadcast_tensors(input.Handles, input.Count, out var list, out var count));
        return Native.TakeList(list, count);
    }

    public static unsafe Tensor combinations(Tensor input, int r = 2, bool with_replacement = false) => Native.st_combinations(input, r, with_replacement.Int());
}
