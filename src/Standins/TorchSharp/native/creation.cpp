// Tensor factories.
#include "abi.h"

using namespace standin;

namespace {
template <class F>
at::Tensor* create(const Options& options, F&& f) noexcept {
  return make([&] {
    at::Tensor result = f(tensor_options(options));
    if (options.requires_grad != 0) result.set_requires_grad(true);
    return result;
  });
}
}  // namespace

#define FROM_SIZES(name)                                                           \
  ST_TENSOR st_##name(Ints sizes, int64_t sizes_n, Options options) noexcept {     \
    return create(options, [&](const at::TensorOptions& o) { return at::name(ints(sizes, sizes_n), o); }); \
  }

#define LIKE(name)                                                                 \
  ST_TENSOR st_##name(In x, Options options) noexcept {                            \
    return create(options, [&](const at::TensorOptions& o) { return at::name(*x, o); }); \
  }

FROM_SIZES(empty)
FROM_SIZES(zeros)
FROM_SIZES(ones)
LIKE(empty_like)
LIKE(zeros_like)
LIKE(ones_like)
LIKE(rand_like)
LIKE(randn_like)

ST_TENSOR st_full(Ints sizes, int64_t sizes_n, ScalarValue value, Options options) noexcept {
  return create(options, [&](const at::TensorOptions& o) { return at::full(ints(sizes, sizes_n), scalar(value), o); });
}

ST_TENSOR st_full_like(In x, ScalarValue value, Options options) noexcept {
  return create(options, [&](const at::TensorOptions& o) { return at::full_like(*x, scalar(value), o); });
}

ST_TENSOR st_empty_strided(
    Ints sizes, int64_t sizes_n, Ints strides, int64_t strides_n, Options options) noexcept {
  return create(options, [&](const at::TensorOptions& o) {
    return at::empty_strided(ints(sizes, sizes_n), ints(strides, strides_n), o);
  });
}

ST_TENSOR st_eye(int64_t rows, int64_t columns, Options options) noexcept {
  return create(options, [&](const at::TensorOptions& o) { return at::eye(rows, columns, o); });
}

ST_TENSOR st_arange(ScalarValue start, ScalarValue stop, ScalarValue step, Options options) noexcept {
  return create(options, [&](const at::TensorOptions& o) {
    return at::arange(scalar(start), scalar(stop), scalar(step), o);
  });
}

ST_TENSOR st_linspace(double start, double end, int64_t steps, Options options) noexcept {
  return create(options, [&](const at::TensorOptions& o) { return at::linspace(start, end, steps, o); });
}

ST_TENSOR st_logspace(double start, double end, int64_t steps, double base, Options options) noexcept {
  return create(options, [&](const at::TensorOptions& o) { return at::logspace(start, end, steps, base, o); });
}

ST_TENSOR st_rand(Ints sizes, int64_t sizes_n, Gen generator, Options options) noexcept {
  return create(options, [&](const at::TensorOptions& o) {
    return at::rand(ints(sizes, sizes_n), generator_or_none(generator), o);
  });
}

ST_TENSOR st_randn(Ints sizes, int64_t sizes_n, Gen generator, Options options) noexcept {
  return create(options, [&](const at::TensorOptions& o) {
    return at::randn(ints(sizes, sizes_n), generator_or_none(generator), o);
  });
}

ST_TENSOR st_randint(
    int64_t low, int64_t high, Ints sizes, int64_t sizes_n, Gen generator, Options options) noexcept {
  return create(options, [&](const at::TensorOptions& o) {
    return at::randint(low, high, ints(sizes, sizes_n), generator_or_none(generator), o);
  });
}

ST_TENSOR st_randint_like(In x, int64_t low, int64_t high, Options options) noexcept {
  return create(options, [&](const at::TensorOptions& o) { return at::randint_like(*x, low, high, o); });
}

ST_TENSOR st_randperm(int64_t n, Gen generator, Options options) noexcept {
  return create(options, [&](const at::TensorOptions& o) {
    return at::randperm(n, generator_or_none(generator), o);
  });
}

ST_TENSOR st_tril_indices(int64_t rows, int64_t columns, int64_t offset, Options options) noexcept {
  return create(options, [&](const at::TensorOptions& o) { return at::tril_indices(rows, columns, offset, o); });
}

ST_TENSOR st_triu_indices(int64_t rows, int64_t columns, int64_t offset, Options options) noexcept {
  return create(options, [&](const at::TensorOptions& o) { return at::triu_indices(rows, columns, offset, o); });
}

// A tensor over a file that is mapped into memory, not read. shared: 1 writes through, 0 is private, -1 libtorch's default.
ST_TENSOR st_from_file(const char* filename, int32_t shared, int64_t size, Options options) noexcept {
  return create(options, [&](const at::TensorOptions& o) {
    const auto sharing = shared < 0 ? optional<bool>() : optional<bool>(shared != 0);
    return at::from_file(filename, sharing, size < 0 ? optional<int64_t>() : optional<int64_t>(size), o);
  });
}
