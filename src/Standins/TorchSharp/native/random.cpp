// Generators and in-place sampling.
#include "abi.h"

#include <ATen/CPUGeneratorImpl.h>

#include <mutex>

using namespace standin;

namespace {

at::Generator default_generator(int32_t device_type, int32_t device_index) {
  const auto device =
      at::Device(static_cast<at::DeviceType>(device_type), static_cast<at::DeviceIndex>(device_index));
  return at::globalContext().defaultGenerator(device);
}

}  // namespace

ST_EXPORT at::Generator* st_generator_default() noexcept {
  return value_or(static_cast<at::Generator*>(nullptr), [&] {
    return new at::Generator(default_generator(0, -1));
  });
}

// A new generator of the kind that the device's default generator is.
ST_EXPORT at::Generator* st_generator_new(uint64_t seed, int32_t device_type, int32_t device_index) noexcept {
  return value_or(static_cast<at::Generator*>(nullptr), [&] {
    auto generator = device_type == 0 ? at::detail::createCPUGenerator(seed)
                                      : default_generator(device_type, device_index).clone();
    if (device_type != 0) generator.set_current_seed(seed);
    return new at::Generator(std::move(generator));
  });
}

ST_EXPORT void st_generator_free(at::Generator* generator) noexcept { delete generator; }

ST_STATUS st_generator_seed(at::Generator* generator, uint64_t seed) noexcept {
  return attempt([&] {
    const std::lock_guard<std::mutex> lock(generator->mutex());
    generator->set_current_seed(seed);
  });
}

ST_INT st_generator_initial_seed(at::Generator* generator) noexcept {
  return value_or(int64_t{0}, [&] { return generator->current_seed(); });
}

ST_TENSOR st_generator_state(at::Generator* generator) noexcept {
  return make([&] {
    const std::lock_guard<std::mutex> lock(generator->mutex());
    return generator->get_state();
  });
}

ST_STATUS st_generator_set_state(at::Generator* generator, In state) noexcept {
  return attempt([&] {
    const std::lock_guard<std::mutex> lock(generator->mutex());
    generator->set_state(*state);
  });
}

// Every default generator, as torch.manual_seed does.
ST_STATUS st_manual_seed(uint64_t seed) noexcept {
  return attempt([&] { at::manual_seed(seed); });
}

ST_STATUS st_cuda_manual_seed(uint64_t seed, int32_t device_index) noexcept {
  return attempt([&] {
    auto generator = default_generator(static_cast<int32_t>(at::kCUDA), device_index);
    const std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_current_seed(seed);
  });
}

ST_TENSOR st_bernoulli(In x, Gen generator) noexcept {
  return make([&] { return x->bernoulli(generator_or_none(generator)); });
}

ST_STATUS st_bernoulli_p_(In x, double p, Gen generator) noexcept {
  return attempt([&] { x->bernoulli_(p, generator_or_none(generator)); });
}

ST_STATUS st_bernoulli_(In x, In p, Gen generator) noexcept {
  return attempt([&] { x->bernoulli_(*p, generator_or_none(generator)); });
}

ST_TENSOR st_multinomial(In x, int64_t samples, int32_t replacement, Gen generator) noexcept {
  return make([&] { return x->multinomial(samples, replacement != 0, generator_or_none(generator)); });
}

ST_TENSOR st_poisson(In x, Gen generator) noexcept {
  return make([&] { return at::poisson(*x, generator_or_none(generator)); });
}

ST_TENSOR st_normal(In mean, In std, Gen generator) noexcept {
  return make([&] { return at::normal(*mean, *std, generator_or_none(generator)); });
}

#define SAMPLE_TWO(op)                                                                      \
  ST_STATUS st_##op##_(In x, double first, double second, Gen generator) noexcept {         \
    return attempt([&] { x->op##_(first, second, generator_or_none(generator)); });         \
  }

SAMPLE_TWO(normal)
SAMPLE_TWO(log_normal)
SAMPLE_TWO(uniform)
SAMPLE_TWO(cauchy)

ST_STATUS st_exponential_(In x, double lambda, Gen generator) noexcept {
  return attempt([&] { x->exponential_(lambda, generator_or_none(generator)); });
}

ST_STATUS st_geometric_(In x, double p, Gen generator) noexcept {
  return attempt([&] { x->geometric_(p, generator_or_none(generator)); });
}

ST_STATUS st_random_(In x, int64_t from, int64_t to, Gen generator) noexcept {
  return attempt([&] { x->random_(from, optional<int64_t>(to), generator_or_none(generator)); });
}
