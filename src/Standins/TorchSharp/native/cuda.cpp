// CUDA, reached through libtorch's own hooks, so that the same source builds without CUDA headers.
#include "abi.h"

#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/impl/VirtualGuardImpl.h>

using namespace standin;

ST_EXPORT int32_t st_cuda_is_available() noexcept {
  return value_or(int32_t{0}, [&] { return at::globalContext().hasCUDA() && at::detail::getCUDAHooks().getNumGPUs() > 0; });
}

ST_EXPORT int32_t st_cudnn_is_available() noexcept {
  return value_or(int32_t{0}, [&] { return at::globalContext().hasCuDNN(); });
}

ST_INT st_cuda_device_count() noexcept {
  return value_or(int64_t{0}, [&] { return at::detail::getCUDAHooks().getNumGPUs(); });
}

// Waits for all work on a device; -1 for the current one.
ST_STATUS st_cuda_synchronize(int64_t device_index) noexcept {
  return attempt([&] {
    TORCH_CHECK(at::globalContext().hasCUDA(), "expected a libtorch with CUDA, found one without");
    auto index = static_cast<c10::DeviceIndex>(device_index);
    if (index < 0) index = c10::impl::VirtualGuardImpl(c10::DeviceType::CUDA).getDevice().index();
    at::detail::getCUDAHooks().deviceSynchronize(index);
  });
}
