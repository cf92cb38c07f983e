// Lifetime, metadata, host access and conversion of tensors.
#include "abi.h"

#include <ATen/NamedTensorUtils.h>

#include <cstring>
#include <string>

using namespace standin;

ST_EXPORT void st_free(at::Tensor* tensor) noexcept {
  // Releasing a device tensor can report a failure of earlier work on the device; it resurfaces at the next call.
  (void)attempt([&] { delete tensor; });
}

ST_EXPORT void st_free_list(at::Tensor** list) noexcept { delete[] list; }

ST_TENSOR st_alias(In x) noexcept {
  return make([&] { return *x; });
}

ST_EXPORT int32_t st_is_defined(In x) noexcept { return x->defined() ? 1 : 0; }

// The same native tensor behind both references?
ST_EXPORT int32_t st_is_same(In x, In other) noexcept { return x->is_same(*other) ? 1 : 0; }

ST_INT st_dim(In x) noexcept {
  return value_or(int64_t{-1}, [&] { return x->dim(); });
}

ST_INT st_numel(In x) noexcept {
  return value_or(int64_t{-1}, [&] { return x->numel(); });
}

ST_INT st_element_size(In x) noexcept {
  return value_or(int64_t{-1}, [&] { return x->element_size(); });
}

ST_INT st_storage_offset(In x) noexcept {
  return value_or(int64_t{-1}, [&] { return x->storage_offset(); });
}

ST_INT st_storage_bytes(In x) noexcept {
  return value_or(int64_t{-1}, [&] { return x->storage().nbytes(); });
}

ST_STATUS st_sizes(In x, int64_t* sizes) noexcept {
  return attempt([&] {
    for (const auto size : x->sizes()) *sizes++ = size;
  });
}

ST_STATUS st_strides(In x, int64_t* strides) noexcept {
  return attempt([&] {
    for (const auto stride : x->strides()) *strides++ = stride;
  });
}

ST_INT st_size(In x, int64_t dim) noexcept {
  return value_or(int64_t{-1}, [&] { return x->size(dim); });
}

ST_INT st_stride(In x, int64_t dim) noexcept {
  return value_or(int64_t{-1}, [&] { return x->stride(dim); });
}

ST_EXPORT int32_t st_dtype(In x) noexcept {
  return value_or(int32_t{-1}, [&] { return x->scalar_type(); });
}

ST_STATUS st_device(In x, int32_t* type, int32_t* index) noexcept {
  return attempt([&] {
    const auto device = x->device();
    *type = static_cast<int32_t>(device.type());
    *index = device.index();
  });
}

ST_EXPORT int32_t st_is_contiguous(In x) noexcept {
  return value_or(int32_t{-1}, [&] { return x->is_contiguous(); });
}

ST_EXPORT int32_t st_is_sparse(In x) noexcept {
  return value_or(int32_t{-1}, [&] { return x->is_sparse(); });
}

ST_EXPORT int32_t st_is_pinned(In x) noexcept {
  return value_or(int32_t{-1}, [&] { return x->is_pinned(); });
}

ST_EXPORT int32_t st_is_conj(In x) noexcept {
  return value_or(int32_t{-1}, [&] { return x->is_conj(); });
}

ST_EXPORT int32_t st_is_neg(In x) noexcept {
  return value_or(int32_t{-1}, [&] { return x->is_neg(); });
}

// The first element's address, for host access; the tensor's own device must be the host.
ST_STATUS st_data(In x, void** data) noexcept {
  return attempt([&] {
    TORCH_CHECK(x->device().is_cpu(), "expected a tensor on the CPU, got one on ", x->device());
    *data = x->numel() == 0 ? nullptr : x->data_ptr();
  });
}

// A single element, widened: integers and bools in `integer`, the rest in `real` and `imaginary`.
ST_STATUS st_item(In x, ScalarValue* result) noexcept {
  return attempt([&] {
    const auto value = x->item();
    *result = ScalarValue{};
    if (value.isBoolean()) {
      result->kind = 3;
      result->integer = value.toBool() ? 1 : 0;
    } else if (value.isIntegral(false)) {
      result->kind = 2;
      result->integer = value.toLong();
    } else if (value.isFloatingPoint()) {
      result->kind = 1;
      result->real = value.toDouble();
    } else {
      const auto complex = value.toComplexDouble();
      result->kind = 4;
      result->real = complex.real();
      result->imaginary = complex.imag();
    }
  });
}

// A tensor that owns a copy of host memory (one copy, converted and moved only if asked to).
ST_TENSOR st_from_host(const void* data, Ints sizes, int64_t sizes_n, int32_t source_dtype, Options options) noexcept {
  return make([&] {
    const auto shape = ints(sizes, sizes_n);
    const auto source = at::TensorOptions().dtype(static_cast<at::ScalarType>(source_dtype));
    const auto target = tensor_options(options);
    const bool on_host = options.device_type <= 0;
    const bool same_type = options.dtype < 0 || options.dtype == source_dtype;
    at::Tensor result;
    if (c10::multiply_integers(shape) == 0) {
      result = at::empty(shape, source.merge_in(target));
    } else {
      const auto borrowed = at::from_blob(const_cast<void*>(data), shape, source);
      result = on_host && same_type ? borrowed.clone() : borrowed.to(target, false, true);
    }
    if (options.requires_grad != 0) result.set_requires_grad(true);
    return result;
  });
}

// A tensor over host memory that `release(context)` gives back.
ST_TENSOR st_borrow_host(
    void* data, Ints sizes, int64_t sizes_n, Ints strides, int64_t strides_n, int32_t dtype,
    void (*release)(void*), void* context) noexcept {
  return make([&] {
    const auto options = at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype));
    const auto deleter = [release, context](void*) { release(context); };
    return strides_n < 0 ? at::from_blob(data, ints(sizes, sizes_n), deleter, options)
                         : at::from_blob(data, ints(sizes, sizes_n), ints(strides, strides_n), deleter, options);
  });
}

ST_TENSOR st_to(In x, Options options, int32_t non_blocking, int32_t copy) noexcept {
  return make([&] { return x->to(tensor_options(options), non_blocking != 0, copy != 0); });
}

ST_STATUS st_copy_(In x, In source, int32_t non_blocking) noexcept {
  return attempt([&] { x->copy_(*source, non_blocking != 0); });
}

ST_STATUS st_set_(In x, In source) noexcept {
  return attempt([&] { x->set_(*source); });
}

// Replaces what `x` refers to in every reference to it: data, shape, dtype and device.
ST_STATUS st_set_data(In x, In source) noexcept {
  return attempt([&] { x->set_data(*source); });
}

ST_TENSOR st_clone(In x) noexcept {
  return make([&] { return x->clone(); });
}

ST_TENSOR st_contiguous(In x) noexcept {
  return make([&] { return x->contiguous(); });
}

ST_TENSOR st_pin_memory(In x) noexcept {
  return make([&] { return x->pin_memory(); });
}

ST_TENSOR st_to_dense(In x) noexcept {
  return make([&] { return x->to_dense(); });
}

// Names the dimensions in place; an empty name stands for none, a count of -1 drops all names.
ST_STATUS st_rename_(In x, const char* names, int64_t count) noexcept {
  return attempt([&] {
    at::Tensor target = *x;
    if (count < 0) {
      target.rename_({});
      return;
    }
    std::vector<at::Dimname> dimnames;
    for (int64_t i = 0; i < count; i++) {
      const std::string name = names;
      names += name.size() + 1;
      dimnames.push_back(
          name.empty() ? at::Dimname::wildcard() : at::Dimname::fromSymbol(at::Symbol::dimname(name)));
    }
    target.rename_(at::DimnameList(dimnames));
  });
}

// The name of one dimension (UTF-8, cut to fit); 0 for none, -1 after a failure.
ST_INT st_dimension_name(In x, int64_t dim, uint8_t* buffer, int64_t capacity) noexcept {
  return value_or(int64_t{-1}, [&] {
    if (!x->has_names()) return int64_t{0};
    const auto name = x->names().at(static_cast<size_t>(dim));
    if (name.isWildcard()) return int64_t{0};
    const std::string text = name.symbol().toUnqualString();
    const auto length = std::min(static_cast<int64_t>(text.size()), capacity);
    std::memcpy(buffer, text.data(), static_cast<size_t>(length));
    return length;
  });
}
