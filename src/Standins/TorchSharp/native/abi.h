// The C ABI between the managed library and libtorch. Every exported function is noexcept: a failure leaves its
// message in a thread-local (st_take_error) and returns null, or a non-zero status.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <exception>
#include <utility>
#include <vector>

#define ST_EXPORT extern "C" __attribute__((visibility("default")))
#define ST_TENSOR ST_EXPORT at::Tensor*
#define ST_STATUS ST_EXPORT int32_t
#define ST_INT ST_EXPORT int64_t

namespace standin {

using In = const at::Tensor*;   // never null
using Opt = const at::Tensor*;  // null for "not given"
using Out = at::Tensor**;       // one slot per result
using Ints = const int64_t*;    // followed by its length; a length of -1 means "not given"
using Gen = at::Generator*;     // null for the default generator

// c10::optional in older releases, std::optional in newer ones.
template <class X, template <class...> class O, class D>
O<X> rebind_optional(O<D>);
template <class X>
using optional = decltype(rebind_optional<X>(std::declval<at::TensorOptions>().device_opt()));

struct ScalarValue {
  int64_t kind;  // 0 none, 1 double, 2 integer, 3 bool, 4 complex
  double real;
  double imaginary;
  int64_t integer;
};

struct Options {
  int32_t dtype;         // -1: not given
  int32_t device_type;   // -1: not given
  int32_t device_index;
  int32_t requires_grad;
};

// Thrown by a callback into managed code that failed; `id` names the managed exception.
struct ManagedFailure : std::exception {
  explicit ManagedFailure(int64_t exception_id) : id(exception_id) {}
  const char* what() const noexcept override { return "a managed callback failed"; }
  int64_t id;
};

void remember_current_exception() noexcept;

at::Scalar scalar(const ScalarValue& value);
optional<at::Scalar> optional_scalar(const ScalarValue& value);
at::TensorOptions tensor_options(const Options& options);

inline at::IntArrayRef ints(Ints data, int64_t count) {
  return count > 0 ? at::IntArrayRef(data, static_cast<size_t>(count)) : at::IntArrayRef();
}

inline optional<at::ScalarType> dtype_or_none(int32_t dtype) {
  if (dtype < 0) return {};
  return static_cast<at::ScalarType>(dtype);
}

inline optional<at::Tensor> tensor_or_none(Opt tensor) {
  if (tensor == nullptr) return {};
  return *tensor;
}

inline at::Tensor tensor_or_undefined(Opt tensor) { return tensor == nullptr ? at::Tensor() : *tensor; }

inline optional<at::Generator> generator_or_none(Gen generator) {
  if (generator == nullptr) return {};
  return *generator;
}

inline optional<int64_t> int_or_none(int64_t value, int32_t given) {
  if (given == 0) return {};
  return value;
}

inline std::vector<at::Tensor> tensors(const In* list, int64_t count) {
  std::vector<at::Tensor> result;
  result.reserve(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; i++) result.push_back(list[i] == nullptr ? at::Tensor() : *list[i]);
  return result;
}

// Runs `f`, which returns a tensor, and hands a new reference to the caller.
template <class F>
at::Tensor* make(F&& f) noexcept {
  try {
    return new at::Tensor(f());
  } catch (...) {
    remember_current_exception();
    return nullptr;
  }
}

// Runs `f` for its effect: 0, or 1 after a failure.
template <class F>
int32_t attempt(F&& f) noexcept {
  try {
    f();
    return 0;
  } catch (...) {
    remember_current_exception();
    return 1;
  }
}

// Runs `f` for a plain value; `sentinel` after a failure.
template <class F, class V>
V value_or(V sentinel, F&& f) noexcept {
  try {
    return static_cast<V>(f());
  } catch (...) {
    remember_current_exception();
    return sentinel;
  }
}

inline void put(Out out, at::Tensor value) { *out = new at::Tensor(std::move(value)); }

// Moves a tuple of tensors into consecutive slots.
template <class Tuple, size_t... I>
void put_tuple(Out out, Tuple&& tuple, std::index_sequence<I...>) {
  (put(out + I, std::get<I>(std::move(tuple))), ...);
}

template <class F>
int32_t make_tuple(Out out, F&& f) noexcept {
  return attempt([&] {
    auto tuple = f();
    put_tuple(out, std::move(tuple), std::make_index_sequence<std::tuple_size<decltype(tuple)>::value>{});
  });
}

// Hands out an array of new references; the caller releases it with st_free_list.
template <class F>
int32_t make_list(at::Tensor*** list, int64_t* count, F&& f) noexcept {
  return attempt([&] {
    std::vector<at::Tensor> result = f();
    auto** items = new at::Tensor*[result.size()];
    for (size_t i = 0; i < result.size(); i++) items[i] = new at::Tensor(std::move(result[i]));
    *list = items;
    *count = static_cast<int64_t>(result.size());
  });
}

}  // namespace standin
