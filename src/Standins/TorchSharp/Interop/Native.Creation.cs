using System;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

// native/creation.cpp
internal static unsafe partial class Native
{
    [LibraryImport(Library)]
    internal static partial Tensor st_empty(ReadOnlySpan<long> sizes, long sizesN, Options options);

    [LibraryImport(Library)]
    internal static partial Tensor st_zeros(ReadOnlySpan<long> sizes, long sizesN, Options options);

    [LibraryImport(Library)]
    internal static partial Tensor st_ones(ReadOnlySpan<long> sizes, long sizesN, Options options);

    [LibraryImport(Library)]
    internal static partial Tensor st_empty_like(Tensor x, Options options);

    [LibraryImport(Library)]
    internal static partial Tensor st_zeros_like(Tensor x, Options options);

    [LibraryImport(Library)]
    internal static partial Tensor st_ones_like(Tensor x, Options options);

    [LibraryImport(Library)]
    internal static partial Tensor st_rand_like(Tensor x, Options options);

    [LibraryImport(Library)]
    internal static partial Tensor st_randn_like(Tensor x, Options options);

    [LibraryImport(Library)]
    internal static partial Tensor st_full(ReadOnlySpan<long> sizes, long sizesN, ScalarValue value, Options options);

    [LibraryImport(Library)]
    internal static partial Tensor st_full_like(Tensor x, ScalarValue value, Options options);

    [LibraryImport(Library)]
    internal static partial Tensor st_empty_strided(ReadOnlySpan<long> sizes, long sizesN, ReadOnlySpan<long> strides, long stridesN, Options options);

    [LibraryImport(Library)]
    internal static partial Tensor st_eye(long rows, long columns, Options options);

    [LibraryImport(Library)]
    internal static partial Tensor st_arange(ScalarValue start, ScalarValue stop, ScalarValue step, Options options);

    [LibraryImport(Library)]
    internal static partial Tensor st_linspace(double start, double end, long steps, Options options);

    [LibraryImport(Library)]
    internal static partial Tensor st_logspace(double start, double end, long steps, double @base, Options options);

    [LibraryImport(Library)]
    internal static partial Tensor st_rand(ReadOnlySpan<long> sizes, long sizesN, nint generator, Options options);

    [LibraryImport(Library)]
    internal static partial Tensor st_randn(ReadOnlySpan<long> sizes, long sizesN, nint generator, Options options);

    [LibraryImport(Library)]
    internal static partial Tensor st_randint(long low, long high, ReadOnlySpan<long> sizes, long sizesN, nint generator, Options options);

    [LibraryImport(Library)]
    internal static partial Tensor st_randint_like(Tensor x, long low, long high, Options options);

    [LibraryImport(Library)]
    internal static partial Tensor st_randperm(long n, nint generator, Options options);

    [LibraryImport(Library)]
    internal static partial Tensor st_tril_indices(long rows, long columns, long offset, Options options);

    [LibraryImport(Library)]
    internal static partial Tensor st_triu_indices(long rows, long columns, long offset, Options options);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial Tensor st_from_file(string filename, int shared, long size, Options options);
}
