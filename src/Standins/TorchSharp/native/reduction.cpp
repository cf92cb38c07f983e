// Reductions, scans, sorting, counting.
#include "abi.h"

using namespace standin;

#define REDUCE_ALL(op) \
  ST_TENSOR st_##op(In x) noexcept { return make([&] { return x->op(); }); }

REDUCE_ALL(all)
REDUCE_ALL(any)
REDUCE_ALL(max)
REDUCE_ALL(min)
REDUCE_ALL(median)
REDUCE_ALL(nanmedian)
REDUCE_ALL(nansum)
REDUCE_ALL(trace)
REDUCE_ALL(msort)

ST_TENSOR st_all_dim(In x, int64_t dim, int32_t keepdim) noexcept {
  return make([&] { return x->all(dim, keepdim != 0); });
}

ST_TENSOR st_any_dim(In x, int64_t dim, int32_t keepdim) noexcept {
  return make([&] { return x->any(dim, keepdim != 0); });
}

// A dimension count of -1 reduces everything.
ST_TENSOR st_sum(In x, Ints dims, int64_t dims_n, int32_t keepdim, int32_t dtype) noexcept {
  return make([&] {
    return dims_n < 0 ? x->sum(dtype_or_none(dtype)) : x->sum(ints(dims, dims_n), keepdim != 0, dtype_or_none(dtype));
  });
}

ST_TENSOR st_mean(In x, Ints dims, int64_t dims_n, int32_t keepdim, int32_t dtype) noexcept {
  return make([&] {
    return dims_n < 0 ? x->mean(dtype_or_none(dtype)) : x->mean(ints(dims, dims_n), keepdim != 0, dtype_or_none(dtype));
  });
}

ST_TENSOR st_nanmean(In x, Ints dims, int64_t dims_n, int32_t keepdim, int32_t dtype) noexcept {
  return make([&] {
    if (dims_n < 0) return x->nanmean({}, false, dtype_or_none(dtype));
    return x->nanmean(ints(dims, dims_n), keepdim != 0, dtype_or_none(dtype));
  });
}

ST_TENSOR st_prod(In x, int32_t dtype) noexcept {
  return make([&] { return x->prod(dtype_or_none(dtype)); });
}

ST_TENSOR st_prod_dim(In x, int64_t dim, int32_t keepdim, int32_t dtype) noexcept {
  return make([&] { return x->prod(dim, keepdim != 0, dtype_or_none(dtype)); });
}

#define SPREAD(op)                                                                              \
  ST_TENSOR st_##op(In x, Ints dims, int64_t dims_n, int32_t unbiased, int32_t keepdim) noexcept { \
    return make([&] {                                                                           \
      return dims_n < 0 ? x->op(unbiased != 0) : x->op(ints(dims, dims_n), unbiased != 0, keepdim != 0); \
    });                                                                                         \
  }

SPREAD(std)
SPREAD(var)

#define SPREAD_AND_MEAN(op)                                                                     \
  ST_STATUS st_##op(In x, Ints dims, int64_t dims_n, int32_t unbiased, int32_t keepdim, Out out) noexcept { \
    return make_tuple(out, [&] {                                                                \
      return dims_n < 0 ? at::op(*x, unbiased != 0)                                             \
                        : at::op(*x, ints(dims, dims_n), unbiased != 0, keepdim != 0);          \
    });                                                                                         \
  }

SPREAD_AND_MEAN(std_mean)
SPREAD_AND_MEAN(var_mean)

ST_STATUS st_max_dim(In x, int64_t dim, int32_t keepdim, Out out) noexcept {
  return make_tuple(out, [&] { return x->max(dim, keepdim != 0); });
}

ST_STATUS st_min_dim(In x, int64_t dim, int32_t keepdim, Out out) noexcept {
  return make_tuple(out, [&] { return x->min(dim, keepdim != 0); });
}

ST_TENSOR st_amax(In x, Ints dims, int64_t dims_n, int32_t keepdim) noexcept {
  return make([&] { return x->amax(ints(dims, dims_n), keepdim != 0); });
}

ST_TENSOR st_amin(In x, Ints dims, int64_t dims_n, int32_t keepdim) noexcept {
  return make([&] { return x->amin(ints(dims, dims_n), keepdim != 0); });
}

ST_STATUS st_aminmax(In x, int64_t dim, int32_t has_dim, int32_t keepdim, Out out) noexcept {
  return make_tuple(out, [&] { return at::aminmax(*x, int_or_none(dim, has_dim), keepdim != 0); });
}

ST_TENSOR st_argmax(In x, int64_t dim, int32_t has_dim, int32_t keepdim) noexcept {
  return make([&] { return x->argmax(int_or_none(dim, has_dim), keepdim != 0); });
}

ST_TENSOR st_argmin(In x, int64_t dim, int32_t has_dim, int32_t keepdim) noexcept {
  return make([&] { return x->argmin(int_or_none(dim, has_dim), keepdim != 0); });
}

ST_TENSOR st_logsumexp(In x, int64_t dim, int32_t keepdim) noexcept {
  return make([&] { return x->logsumexp(dim, keepdim != 0); });
}

ST_TENSOR st_norm(In x, double p) noexcept {
  return make([&] { return x->norm(p); });
}

ST_TENSOR st_norm_dim(In x, int64_t dim, int32_t keepdim, double p) noexcept {
  return make([&] { return x->norm(p, dim, keepdim != 0); });
}

ST_TENSOR st_dist(In x, In other, double p) noexcept {
  return make([&] { return x->dist(*other, p); });
}

ST_TENSOR st_renorm(In x, double p, int64_t dim, double maxnorm) noexcept {
  return make([&] { return x->renorm(p, dim, maxnorm); });
}

ST_TENSOR st_count_nonzero(In x, Ints dims, int64_t dims_n) noexcept {
  return make([&] { return dims_n < 0 ? x->count_nonzero() : x->count_nonzero(ints(dims, dims_n)); });
}

ST_TENSOR st_cumsum(In x, int64_t dim, int32_t dtype) noexcept {
  return make([&] { return x->cumsum(dim, dtype_or_none(dtype)); });
}

ST_TENSOR st_cumprod(In x, int64_t dim, int32_t dtype) noexcept {
  return make([&] { return x->cumprod(dim, dtype_or_none(dtype)); });
}

ST_TENSOR st_logcumsumexp(In x, int64_t dim) noexcept {
  return make([&] { return x->logcumsumexp(dim); });
}

ST_STATUS st_cummax(In x, int64_t dim, Out out) noexcept {
  return make_tuple(out, [&] { return x->cummax(dim); });
}

ST_STATUS st_cummin(In x, int64_t dim, Out out) noexcept {
  return make_tuple(out, [&] { return x->cummin(dim); });
}

ST_TENSOR st_diff(In x, int64_t n, int64_t dim, Opt prepend, Opt append) noexcept {
  return make([&] { return x->diff(n, dim, tensor_or_none(prepend), tensor_or_none(append)); });
}

ST_STATUS st_sort(In x, int64_t dim, int32_t descending, int32_t stable, Out out) noexcept {
  return make_tuple(out, [&] { return x->sort(optional<bool>(stable != 0), dim, descending != 0); });
}

ST_TENSOR st_argsort(In x, int64_t dim, int32_t descending) noexcept {
  return make([&] { return x->argsort(dim, descending != 0); });
}

ST_STATUS st_topk(In x, int64_t k, int64_t dim, int32_t largest, int32_t sorted, Out out) noexcept {
  return make_tuple(out, [&] { return x->topk(k, dim, largest != 0, sorted != 0); });
}

ST_STATUS st_kthvalue(In x, int64_t k, int64_t dim, int32_t keepdim, Out out) noexcept {
  return make_tuple(out, [&] { return x->kthvalue(k, dim, keepdim != 0); });
}

ST_STATUS st_mode(In x, int64_t dim, int32_t keepdim, Out out) noexcept {
  return make_tuple(out, [&] { return x->mode(dim, keepdim != 0); });
}

ST_TENSOR st_quantile(In x, In q, int64_t dim, int32_t keepdim) noexcept {
  return make([&] { return x->quantile(*q, dim, keepdim != 0); });
}

ST_TENSOR st_nanquantile(In x, In q, int64_t dim, int32_t keepdim) noexcept {
  return make([&] { return x->nanquantile(*q, dim, keepdim != 0); });
}

ST_TENSOR st_bincount(In x, Opt weights, int64_t minlength) noexcept {
  return make([&] { return x->bincount(tensor_or_none(weights), minlength); });
}

ST_TENSOR st_histc(In x, int64_t bins, double min, double max) noexcept {
  return make([&] { return x->histc(bins, min, max); });
}

ST_TENSOR st_bucketize(In x, In boundaries, int32_t out_int32, int32_t right) noexcept {
  return make([&] { return at::bucketize(*x, *boundaries, out_int32 != 0, right != 0); });
}

ST_TENSOR st_searchsorted(In sorted, In values, int32_t out_int32, int32_t right, Opt sorter) noexcept {
  return make([&] {
    return at::searchsorted(*sorted, *values, out_int32 != 0, right != 0, {}, tensor_or_none(sorter));
  });
}

ST_STATUS st_unique(
    In x, int64_t dim, int32_t has_dim, int32_t sorted, int32_t inverse, int32_t counts, Out out) noexcept {
  return make_tuple(out, [&] {
    return has_dim != 0 ? at::unique_dim(*x, dim, sorted != 0, inverse != 0, counts != 0)
                        : at::_unique2(*x, sorted != 0, inverse != 0, counts != 0);
  });
}

ST_STATUS st_unique_consecutive(
    In x, int64_t dim, int32_t has_dim, int32_t inverse, int32_t counts, Out out) noexcept {
  return make_tuple(out, [&] {
    return at::unique_consecutive(*x, inverse != 0, counts != 0, int_or_none(dim, has_dim));
  });
}

ST_TENSOR st_cov(In x, int64_t correction, Opt fweights, Opt aweights) noexcept {
  return make([&] { return x->cov(correction, tensor_or_none(fweights), tensor_or_none(aweights)); });
}

ST_TENSOR st_corrcoef(In x) noexcept {
  return make([&] { return x->corrcoef(); });
}
