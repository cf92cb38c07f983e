// Errors, scalars, options, threads and process-wide switches.
#include "abi.h"

#include <ATen/Parallel.h>
#include <torch/version.h>

#include <cstring>
#include <string>

namespace standin {

namespace {
thread_local std::string last_error;
thread_local int64_t last_managed_failure = 0;

void remember(const char* message, int64_t managed_failure) noexcept {
  try {
    last_error = message;
  } catch (...) {
    last_error.clear();
  }
  last_managed_failure = managed_failure;
}
}  // namespace

void remember_current_exception() noexcept {
  try {
    throw;
  } catch (const ManagedFailure& failure) {
    remember(failure.what(), failure.id);
  } catch (const c10::Error& error) {
    remember(error.what_without_backtrace(), 0);
  } catch (const std::exception& error) {
    remember(error.what(), 0);
  } catch (...) {
    remember("libtorch threw something that is not an exception", 0);
  }
}

at::Scalar scalar(const ScalarValue& value) {
  switch (value.kind) {
    case 1: return at::Scalar(value.real);
    case 2: return at::Scalar(value.integer);
    case 3: return at::Scalar(value.integer != 0);
    case 4: return at::Scalar(c10::complex<double>(value.real, value.imaginary));
    default: TORCH_CHECK(false, "expected a scalar, got none"); return {};
  }
}

optional<at::Scalar> optional_scalar(const ScalarValue& value) {
  if (value.kind == 0) return {};
  return scalar(value);
}

at::TensorOptions tensor_options(const Options& options) {
  at::TensorOptions result;
  if (options.dtype >= 0) result = result.dtype(static_cast<at::ScalarType>(options.dtype));
  if (options.device_type >= 0) {
    result = result.device(at::Device(
        static_cast<at::DeviceType>(options.device_type), static_cast<at::DeviceIndex>(options.device_index)));
  }
  return result;
}

}  // namespace standin

using namespace standin;

// Copies the last error's text into `buffer` (UTF-8, cut to fit) and returns its full length.
ST_INT st_take_error(uint8_t* buffer, int64_t capacity, int64_t* managed_failure) noexcept {
  const auto length = static_cast<int64_t>(last_error.size());
  if (capacity > 0) std::memcpy(buffer, last_error.data(), static_cast<size_t>(std::min(length, capacity)));
  *managed_failure = last_managed_failure;
  return length;
}

ST_INT st_libtorch_version(uint8_t* buffer, int64_t capacity) noexcept {
  return value_or<>(int64_t{0}, [&] {
    const std::string text = TORCH_VERSION;
    const auto length = std::min(static_cast<int64_t>(text.size()), capacity);
    std::memcpy(buffer, text.data(), static_cast<size_t>(length));
    return length;
  });
}

ST_INT st_get_num_threads() noexcept { return at::get_num_threads(); }
ST_INT st_get_num_interop_threads() noexcept { return at::get_num_interop_threads(); }

ST_STATUS st_set_num_threads(int64_t threads) noexcept {
  return attempt([&] {
    // A thread takes over what another has set when it computes for the first time, even if it has set a number of its own by then; so that comes first.
    at::get_num_threads();
    at::set_num_threads(static_cast<int>(threads));
  });
}

ST_STATUS st_set_num_interop_threads(int64_t threads) noexcept {
  return attempt([&] { at::set_num_interop_threads(static_cast<int>(threads)); });
}

ST_STATUS st_set_default_dtype(int32_t dtype) noexcept {
  return attempt([&] { at::set_default_dtype(c10::scalarTypeToTypeMeta(static_cast<at::ScalarType>(dtype))); });
}

ST_STATUS st_promote_types(int32_t first, int32_t second, int32_t* result) noexcept {
  return attempt([&] {
    *result = static_cast<int32_t>(
        at::promote_types(static_cast<at::ScalarType>(first), static_cast<at::ScalarType>(second)));
  });
}
