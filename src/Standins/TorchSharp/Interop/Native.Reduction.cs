using System;
using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;
using static TorchSharp.torch;

namespace TorchSharp;

// native/reduction.cpp
internal static unsafe partial class Native
{
    [LibraryImport(Library)]
    internal static partial Tensor st_all(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_any(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_max(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_min(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_median(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_nanmedian(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_nansum(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_trace(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_msort(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_all_dim(Tensor x, long dim, int keepdim);

    [LibraryImport(Library)]
    internal static partial Tensor st_any_dim(Tensor x, long dim, int keepdim);

    [LibraryImport(Library)]
    internal static partial Tensor st_sum(Tensor x, ReadOnlySpan<long> dims, long dimsN, int keepdim, int dtype);

    [LibraryImport(Library)]
    internal static partial Tensor st_mean(Tensor x, ReadOnlySpan<long> dims, long dimsN, int keepdim, int dtype);

    [LibraryImport(Library)]
    internal static partial Tensor st_nanmean(Tensor x, ReadOnlySpan<long> dims, long dimsN, int keepdim, int dtype);

    [LibraryImport(Library)]
    internal static partial Tensor st_prod(Tensor x, int dtype);

    [LibraryImport(Library)]
    internal static partial Tensor st_prod_dim(Tensor x, long dim, int keepdim, int dtype);

    [LibraryImport(Library)]
    internal static partial Tensor st_std(Tensor x, ReadOnlySpan<long> dims, long dimsN, int unbiased, int keepdim);

    [LibraryImport(Library)]
    internal static partial Tensor st_var(Tensor x, ReadOnlySpan<long> dims, long dimsN, int unbiased, int keepdim);

    [LibraryImport(Library)]
    internal static partial int st_std_mean(Tensor x, ReadOnlySpan<long> dims, long dimsN, int unbiased, int keepdim, nint* @out);

    [LibraryImport(Library)]
    internal static partial int st_var_mean(Tensor x, ReadOnlySpan<long> dims, long dimsN, int unbiased, int keepdim, nint* @out);

    [LibraryImport(Library)]
    internal static partial int st_max_dim(Tensor x, long dim, int keepdim, nint* @out);

    [LibraryImport(Library)]
    internal static partial int st_min_dim(Tensor x, long dim, int keepdim, nint* @out);

    [LibraryImport(Library)]
    internal static partial Tensor st_amax(Tensor x, ReadOnlySpan<long> dims, long dimsN, int keepdim);

    [LibraryImport(Library)]
    internal static partial Tensor st_amin(Tensor x, ReadOnlySpan<long> dims, long dimsN, int keepdim);

    [LibraryImport(Library)]
    internal static partial int st_aminmax(Tensor x, long dim, int hasDim, int keepdim, nint* @out);

    [LibraryImport(Library)]
    internal static partial Tensor st_argmax(Tensor x, long dim, int hasDim, int keepdim);

    [LibraryImport(Library)]
    internal static partial Tensor st_argmin(Tensor x, long dim, int hasDim, int keepdim);

    [LibraryImport(Library)]
    internal static partial Tensor st_logsumexp(Tensor x, long dim, int keepdim);

    [LibraryImport(Library)]
    internal static partial Tensor st_norm(Tensor x, double p);

    [LibraryImport(Library)]
    internal static partial Tensor st_norm_dim(Tensor x, long dim, int keepdim, double p);

    [LibraryImport(Library)]
    internal static partial Tensor st_dist(Tensor x, Tensor other, double p);

    [LibraryImport(Library)]
    internal static partial Tensor st_renorm(Tensor x, double p, long dim, double maxnorm);

    [LibraryImport(Library)]
    internal static partial Tensor st_count_nonzero(Tensor x, ReadOnlySpan<long> dims, long dimsN);

    [LibraryImport(Library)]
    internal static partial Tensor st_cumsum(Tensor x, long dim, int dtype);

    [LibraryImport(Library)]
    internal static partial Tensor st_cumprod(Tensor x, long dim, int dtype);

    [LibraryImport(Library)]
    internal static partial Tensor st_logcumsumexp(Tensor x, long dim);

    [LibraryImport(Library)]
    internal static partial int st_cummax(Tensor x, long dim, nint* @out);

    [LibraryImport(Library)]
    internal static partial int st_cummin(Tensor x, long dim, nint* @out);

    [LibraryImport(Library)]
    internal static partial Tensor st_diff(Tensor x, long n, long dim, [MarshalUsing(typeof(OptionalTensorMarshaller))] Tensor? prepend, [MarshalUsing(typeof(OptionalTensorMarshaller))] Tensor? append);

    [LibraryImport(Library)]
    internal static partial int st_sort(Tensor x, long dim, int descending, int stable, nint* @out);

    [LibraryImport(Library)]
    internal static partial Tensor st_argsort(Tensor x, long dim, int descending);

    [LibraryImport(Library)]
    internal static partial int st_topk(Tensor x, long k, long dim, int largest, int sorted, nint* @out);

    [LibraryImport(Library)]
    internal static partial int st_kthvalue(Tensor x, long k, long dim, int keepdim, nint* @out);

    [LibraryImport(Library)]
    internal static partial int st_mode(Tensor x, long dim, int keepdim, nint* @out);

    [LibraryImport(Library)]
    internal static partial Tensor st_quantile(Tensor x, Tensor q, long dim, int keepdim);

    [LibraryImport(Library)]
    internal static partial Tensor st_nanquantile(Tensor x, Tensor q, long dim, int keepdim);

    [LibraryImport(Library)]
    internal static partial Tensor st_bincount(Tensor x, [MarshalUsing(typeof(OptionalTensorMarshaller))] Tensor? weights, long minlength);

    [LibraryImport(Library)]
    internal static partial Tensor st_histc(Tensor x, long bins, double min, double max);

    [LibraryImport(Library)]
    internal static partial Tensor st_bucketize(Tensor x, Tensor boundaries, int outInt32, int right);

    [LibraryImport(Library)]
    internal static partial Tensor st_searchsorted(Tensor sorted, Tensor values, int outInt32, int right, [MarshalUsing(typeof(OptionalTensorMarshaller))] Tensor? sorter);

    [LibraryImport(Library)]
    internal static partial int st_unique(Tensor x, long dim, int hasDim, int sorted, int inverse, int counts, nint* @out);

    [LibraryImport(Library)]
    internal static partial int st_unique_consecutive(Tensor x, long dim, int hasDim, int inverse, int counts, nint* @out);

    [LibraryImport(Library)]
    internal static partial Tensor st_cov(Tensor x, long correction, [MarshalUsing(typeof(OptionalTensorMarshaller))] Tensor? fweights, [MarshalUsing(typeof(OptionalTensorMarshaller))] Tensor? aweights);

    [LibraryImport(Library)]
    internal static partial Tensor st_corrcoef(Tensor x);
}
