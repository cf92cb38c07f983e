using System;

namespace TorchSharp;

public static partial class torch
{
    public unsafe partial class Tensor
    {
        public Tensor std(bool unbiased = true) => Native.st_std(this, [], -1, unbiased.Int(), 0);

        public Tensor std(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => Native.st_std(As(type), dimensions, dimensions.Length, unbiased.Int(), keepdim.Int());

        public Tensor std(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => std((ReadOnlySpan<long>)dimensions, unbiased, keepdim, type);

        public Tensor std(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => std([dim], unbiased, keepdim, type);

        public Tensor std((long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => std([dim.Item1, dim.Item2], unbiased, keepdim, type);

        public Tensor std((long, long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => std([dim.Item1, dim.Item2, dim.Item3], unbiased, keepdim, type);

        public Tensor var(bool unbiased = true) => Native.st_var(this, [], -1, unbiased.Int(), 0);

        public Tensor var(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => Native.st_var(As(type), dimensions, dimensions.Length, unbiased.Int(), keepdim.Int());

        public Tensor var(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => var((ReadOnlySpan<long>)dimensions, unbiased, keepdim, type);

        public Tensor var(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => var([dim], unbiased, keepdim, type);

        public Tensor var((long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => var([dim.Item1, dim.Item2], unbiased, keepdim, type);

        public Tensor var((long, long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => var([dim.Item1, dim.Item2, dim.Item3], unbiased, keepdim, type);

        public (Tensor std, Tensor mean) std_mean(bool unbiased = true)
        {
            var results = stackalloc nint[2];
            return Native.Pair(Native.st_std_mean(this, [], -1, unbiased.Int(), 0, results), results);
        }

        public (Tensor std, Tensor mean) std_mean(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => std_mean((ReadOnlySpan<long>)dimensions, unbiased, keepdim, type);

        public (Tensor std, Tensor mean) std_mean(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null)
        {
            var results = stackalloc nint[2];
            return Native.Pair(Native.st_std_mean(As(type), dimensions, dimensions.Length, unbiased.Int(), keepdim.Int(), results), results);
        }

        public (Tensor std, Tensor mean) std_mean(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => std_mean([dim], unbiased, keepdim, type);

        public (Tensor std, Tensor mean) std_mean((long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => std_mean([dim.Item1, dim.Item2], unbiased, keepdim, type);

        public (Tensor std, Tensor mean) std_mean((long, long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => std_mean([dim.Item1, dim.Item2, dim.Item3], unbiased, keepdim, type);

        public (Tensor var, Tensor mean) var_mean(bool unbiased = true)
        {
            var results = stackalloc nint[2];
            return Native.Pair(Native.st_var_mean(this, [], -1, unbiased.Int(), 0, results), results);
        }

        public (Tensor std, Tensor mean) var_mean(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => var_mean((ReadOnlySpan<long>)dimensions, unbiased, keepdim, type);

        public (Tensor std, Tensor mean) var_mean(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null)
        {
            var results = stackalloc nint[2];
            return Native.Pair(Native.st_var_mean(As(type), dimensions, dimensions.Length, unbiased.Int(), keepdim.Int(), results), results);
        }

        public (Tensor var, Tensor mean) var_mean(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => var_mean([dim], unbiased, keepdim, type);

        public (Tensor var, Tensor mean) var_mean((long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => var_mean([dim.Item1, dim.Item2], unbiased, keepdim, type);

        public (Tensor var, Tensor mean) var_mean((long, long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => var_mean([dim.Item1, dim.Item2, dim.Item3], unbiased, keepdim, type);

        public Tensor sum(ScalarType? type = null) => Native.st_sum(this, [], -1, 0, Type(type));

        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) => sum((ReadOnlySpan<long>)dim, keepdim, type);

        public Tensor sum(ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null) => Native.st_sum(this, dim, dim.Length, keepdim.Int(), Type(type));

        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) => sum([dim], keepdim, type);

        public Tensor sum(long dim0, long dim1, bool keepdim = false, ScalarType? type = null) => sum([dim0, dim1], keepdim, type);

        public Tensor sum(long dim0, long dim1, long dim2, bool keepdim = false, ScalarType? type = null) => sum([dim0, dim1, dim2], keepdim, type);

        public Tensor mean() => Native.st_mean(this, [], -1, 0, -1);

        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) => Native.st_mean(this, dimensions, dimensions.Length, keepdim.Int(), Type(type));

        public Tensor nansum() => Native.st_nansum(this);

        public Tensor nanmean(int? dim = null, bool keepdim = false, ScalarType? dtype = null) => Native.st_nanmean(this, [dim ?? 0], dim is null ? -1 : 1, keepdim.Int(), Type(dtype));

        public Tensor nanmedian() => Native.st_nanmedian(this);

        public Tensor prod(ScalarType? type = null) => Native.st_prod(this, Type(type));

        public Tensor prod(long dim, bool keepdim = false, ScalarType? type = null) => Native.st_prod_dim(this, dim, keepdim.Int(), Type(type));

        public Tensor all() => Native.st_all(this);

        public Tensor all(long dim, bool keepdim = false) => Native.st_all_dim(this, dim, keepdim.Int());

        public Tensor any() => Native.st_any(this);

        public Tensor any(long dim, bool keepdim = false) => Native.st_any_dim(this, dim, keepdim.Int());

        public Tensor max() => Native.st_max(this);

        public Tensor min() => Native.st_min(this);

        public Tensor median() => Native.st_median(this);

        public Tensor amax(ReadOnlySpan<long> dims, bool keepdim = false, Tensor? @out = null) => Into(@out, Native.st_amax(this, dims, dims.Length, keepdim.Int()));

        public Tensor amin(ReadOnlySpan<long> dims, bool keepdim = false, Tensor? @out = null) => Into(@out, Native.st_amin(this, dims, dims.Length, keepdim.Int()));

        public Tensor amax(long[] dims, bool keepdim = false, Tensor? @out = null) => amax((ReadOnlySpan<long>)dims, keepdim, @out);

        public Tensor amin(long[] dims, bool keepdim = false, Tensor? @out = null) => amin((ReadOnlySpan<long>)dims, keepdim, @out);

        public Tensor amax(params long[] dims) => Native.st_amax(this, dims, dims.Length, 0);

        public Tensor amin(params long[] dims) => Native.st_amin(this, dims, dims.Length, 0);

        public Tensor argmax() => Native.st_argmax(this, 0, 0, 0);

        public Tensor argmax(long dim, bool keepdim = false) => Native.st_argmax(this, dim, 1, keepdim.Int());

        public Tensor argmin() => Native.st_argmin(this, 0, 0, 0);

        public Tensor argmin(long dim, bool keepdim = false) => Native.st_argmin(this, dim, 1, keepdim.Int());

        public Tensor logsumexp(long dim, bool keepdim = false) => Native.st_logsumexp(this, dim, keepdim.Int());

        public Tensor count_nonzero(long[]? dims = null) => Native.st_count_nonzero(this, dims, dims.LengthOrNone());

        public Tensor cumsum(long dim, ScalarType? type = null) => Native.st_cumsum(this, dim, Type(type));

        public Tensor cumprod(long dim, ScalarType? type = null) => Native.st_cumprod(this, dim, Type(type));

        public Tensor logcumsumexp(long dim) => Native.st_logcumsumexp(this, dim);

        public Tensor diff(long n = 1, long dim = -1, Tensor? prepend = null, Tensor? append = null) => Native.st_diff(this, n, dim, prepend, append);

        public Tensor argsort(long dim = -1, bool descending = false) => Native.st_argsort(this, dim, descending.Int());

        public Tensor msort() => Native.st_msort(this);

        public Tensor quantile(Tensor q, long dim = -1, bool keepdim = false) => Native.st_quantile(this, q, dim, keepdim.Int());

        public Tensor nanquantile(Tensor q, long dim = -1, bool keepdim = false) => Native.st_nanquantile(this, q, dim, keepdim.Int());

        public Tensor bincount(Tensor? weights, long minlength = 0) => Native.st_bincount(this, weights, minlength);

        public Tensor histc(long bins = 100, long min = 0, long max = 0) => Native.st_histc(this, bins, min, max);

        public Tensor bucketize(Tensor boundaries, bool outInt32 = false, bool right = false) => Native.st_bucketize(this, boundaries, outInt32.Int(), right.Int());

        public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false)
        {
            var results = stackalloc nint[2];
            return Native.Pair(Native.st_max_dim(this, dim, keepdim.Int(), results), results);
        }

        public (Tensor values, Tensor indexes) min(long dim, bool keepdim = false)
        {
            var results = stackalloc nint[2];
            return Native.Pair(Native.st_min_dim(this, dim, keepdim.Int(), results), results);
        }

        public (Tensor min, Tensor max) aminmax(long? dim = null, bool keepdim = false)
        {
            var results = stackalloc nint[2];
            return Native.Pair(Native.st_aminmax(this, dim ?? 0, (dim is not null).Int(), keepdim.Int(), results), results);
        }

        public (Tensor values, Tensor indexes) cummax(long dim)
        {
            var results = stackalloc nint[2];
            return Native.Pair(Native.st_cummax(this, dim, results), results);
        }

        public (Tensor values, Tensor indexes) cummin(long dim)
        {
            var results = stackalloc nint[2];
            return Native.Pair(Native.st_cummin(this, dim, results), results);
        }

        public (Tensor Values, Tensor Indices) sort(long dim = -1, bool descending = false, bool stable = false)
        {
            var results = stackalloc nint[2];
            return Native.Pair(Native.st_sort(this, dim, descending.Int(), stable.Int(), results), results);
        }

        public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true)
        {
            var results = stackalloc nint[2];
            return Native.Pair(Native.st_topk(this, k, dim, largest.Int(), sorted.Int(), results), results);
        }

        public (Tensor values, Tensor indices) kthvalue(long k, long? dim, bool keepdim = false)
        {
            var results = stackalloc nint[2];
            return Native.Pair(Native.st_kthvalue(this, k, dim ?? -1, keepdim.Int(), results), results);
        }

        public (Tensor values, Tensor indices) mode(long dim = -1, bool keepdim = false)
        {
            var results = stackalloc nint[2];
            return Native.Pair(Native.st_mode(this, dim, keepdim.Int(), results), results);
        }

        public (Tensor Mantissa, Tensor Exponent) frexp()
        {
            var results = stackalloc nint[2];
            return Native.Pair(Native.st_frexp(this, results), results);
        }

        public (Tensor output, Tensor? inverse_indices, Tensor? counts) unique(bool sorted = true, bool return_inverse = false, bool return_counts = false, int? dim = null)
        {
            var results = stackalloc nint[3];
            var (output, inverse, counts) = Native.Triple(Native.st_unique(this, dim ?? 0, (dim is not null).Int(), sorted.Int(), return_inverse.Int(), return_counts.Int(), results), results);
            return (output, Wanted(inverse, return_inverse), Wanted(counts, return_counts));
        }

        public (Tensor output, Tensor? inverse_indices, Tensor? counts) unique_consecutive(bool return_inverse = false, bool return_counts = false, int? dim = null)
        {
            var results = stackalloc nint[3];
            var (output, inverse, counts) = Native.Triple(Native.st_unique_consecutive(this, dim ?? 0, (dim is not null).Int(), return_inverse.Int(), return_counts.Int(), results), results);
            return (output, Wanted(inverse, return_inverse), Wanted(counts, return_counts));
        }

        /// <summary>This tensor as another type, if one is named.</summary>
        private Tensor As(ScalarType? type) => type is null ? this : to_type(type.Value);

        /// <summary>The result, or a place for it that the caller named.</summary>
        private static Tensor Into(Tensor? place, Tensor result)
        {
            if (place is null)
            {
                return result;
            }

            using (result)
            {
                return place.copy_(result);
            }
        }

        /// <summary>A result that was not asked for is empty: it becomes null.</summary>
        private static Tensor? Wanted(Tensor result, bool wanted)
        {
            if (!wanted)
            {
                result.Dispose();
            }

            return wanted ? result : null;
        }
    }
}
