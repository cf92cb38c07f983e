// CUDA, reached through libtorch's own hooks, so that the same source builds without CUDA headers.
#include "abi.h"

#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/impl/VirtualGuardImpl.h>

using namespace standin;

namespace {

int64_t device_count() {
  if (!c10::impl::hasDeviceGuardImpl(c10::DeviceType::CUDA)) return 0;
  return c10::impl::VirtualGuardImpl(c10::DeviceType::CUDA).deviceCount();
}

}  // namespace

ST_EXPORT int32_t st_cuda_is_available() noexcept {
  return value_or(int32_t{0}, [] { return device_count() > 0; });
}

ST_EXPORT int32_t st_cudnn_is_available() noexcept {
  return value_or(int32_t{0}, [] { return at::globalContext().hasCuDNN(); });
}

ST_INT st_cuda_device_count() noexcept {
  return value_or(int64_t{0}, [] { return device_count(); });
}

// Waits for all work on a device; -1 for the current one.
ST_STATUS st_cuda_synchronize(int64_t device_index) noexcept {
  return attempt([&] {
    TORCH_CHECK(device_count() > 0, "expected a CUDA device, found none");
    auto index = static_cast<c10::DeviceIndex>(device_index);
    if (index < 0) index = c10::impl::VirtualGuardImpl(c10::DeviceType::CUDA).getDevice().index();
    at::detail::getCUDAHooks().deviceSynchronize(index);
  });
}

// TensorFloat-32 in matrix products and convolutions.
ST_EXPORT int32_t st_allow_tf32_matmul() noexcept {
  return value_or(int32_t{0}, [] { return at::globalContext().allowTF32CuBLAS(); });
}

ST_STATUS st_set_allow_tf32_matmul(int32_t allow) noexcept {
  return attempt([&] { at::globalContext().setAllowTF32CuBLAS(allow != 0); });
}

ST_EXPORT int32_t st_allow_tf32_cudnn() noexcept {
  return value_or(int32_t{0}, [] { return at::globalContext().allowTF32CuDNN(); });
}

ST_STATUS st_set_allow_tf32_cudnn(int32_t allow) noexcept {
  return attempt([&] { at::globalContext().setAllowTF32CuDNN(allow != 0); });
}

ST_EXPORT int32_t st_allow_fp16_reduction() noexcept {
  return value_or(int32_t{0}, [] { return static_cast<bool>(at::globalContext().allowFP16ReductionCuBLAS()); });
}

ST_STATUS st_set_allow_fp16_reduction(int32_t allow) noexcept {
  return attempt([&] { at::globalContext().setAllowFP16ReductionCuBLAS(allow != 0); });
}
