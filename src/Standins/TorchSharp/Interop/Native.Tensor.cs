using System;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

// native/tensor.cpp
internal static unsafe partial class Native
{
    [LibraryImport(Library)]
    internal static partial void st_free(nint tensor);

    [LibraryImport(Library)]
    internal static partial void st_free_list(nint* list);

    [LibraryImport(Library)]
    internal static partial Tensor st_alias(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_is_defined(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_is_same(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial long st_dim(Tensor x);

    [LibraryImport(Library)]
    internal static partial long st_numel(Tensor x);

    [LibraryImport(Library)]
    internal static partial long st_element_size(Tensor x);

    [LibraryImport(Library)]
    internal static partial long st_storage_offset(Tensor x);

    [LibraryImport(Library)]
    internal static partial long st_storage_bytes(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_sizes(Tensor x, long* sizes);

    [LibraryImport(Library)]
    internal static partial int st_strides(Tensor x, long* strides);

    [LibraryImport(Library)]
    internal static partial long st_size(Tensor x, long dim);

    [LibraryImport(Library)]
    internal static partial long st_stride(Tensor x, long dim);

    [LibraryImport(Library)]
    internal static partial int st_dtype(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_device(Tensor x, out int type, out int index);

    [LibraryImport(Library)]
    internal static partial int st_is_contiguous(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_is_sparse(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_is_pinned(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_is_conj(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_is_neg(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_data(Tensor x, out nint data);

    [LibraryImport(Library)]
    internal static partial int st_item(Tensor x, out ScalarValue result);

    [LibraryImport(Library)]
    internal static partial Tensor st_from_host(void* data, ReadOnlySpan<long> sizes, long sizesN, int sourceDtype, Options options);

    [LibraryImport(Library)]
    internal static partial Tensor st_borrow_host(nint data, ReadOnlySpan<long> sizes, long sizesN, ReadOnlySpan<long> strides, long stridesN, int dtype, delegate* unmanaged[Cdecl]<nint, void> release, nint context);

    [LibraryImport(Library)]
    internal static partial Tensor st_to(Tensor x, Options options, int nonBlocking, int copy);

    [LibraryImport(Library)]
    internal static partial int st_copy_(Tensor x, Tensor source, int nonBlocking);

    [LibraryImport(Library)]
    internal static partial int st_set_(Tensor x, Tensor source);

    [LibraryImport(Library)]
    internal static partial int st_set_data(Tensor x, Tensor source);

    [LibraryImport(Library)]
    internal static partial Tensor st_clone(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_contiguous(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_pin_memory(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_to_dense(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_rename_(Tensor x, byte* names, long count);

    [LibraryImport(Library)]
    internal static partial long st_dimension_name(Tensor x, long dim, byte* buffer, long capacity);
}
