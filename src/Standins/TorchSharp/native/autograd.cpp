// Gradients, gradient modes, and functions whose forward and backward are managed code.
#include "abi.h"

#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/anomaly_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <memory>

using namespace standin;
using torch::autograd::variable_list;

ST_EXPORT int32_t st_requires_grad(In x) noexcept {
  return value_or(int32_t{-1}, [&] { return x->requires_grad(); });
}

ST_STATUS st_set_requires_grad(In x, int32_t value) noexcept {
  return attempt([&] { x->set_requires_grad(value != 0); });
}

ST_EXPORT int32_t st_is_leaf(In x) noexcept {
  return value_or(int32_t{-1}, [&] { return x->is_leaf(); });
}

ST_STATUS st_retain_grad(In x) noexcept {
  return attempt([&] { x->retain_grad(); });
}

// `*result` stays null where there is no gradient.
ST_STATUS st_grad(In x, Out result) noexcept {
  return attempt([&] {
    const auto& grad = x->grad();
    *result = grad.defined() ? new at::Tensor(grad) : nullptr;
  });
}

ST_STATUS st_set_grad(In x, Opt value) noexcept {
  return attempt([&] {
    if (value == nullptr) {
      x->mutable_grad().reset();
      return;
    }
    TORCH_CHECK(value->sizes() == x->sizes(), "expected a gradient of shape ", x->sizes(), ", got ", value->sizes());
    TORCH_CHECK(value->dtype() == x->dtype(), "expected a gradient of type ", x->dtype(), ", got ", value->dtype());
    TORCH_CHECK(value->device() == x->device(), "expected a gradient on ", x->device(), ", got ", value->device());
    x->mutable_grad() = *value;
  });
}

ST_TENSOR st_detach(In x) noexcept {
  return make([&] { return x->detach(); });
}

ST_STATUS st_detach_(In x) noexcept {
  return attempt([&] { x->detach_(); });
}

ST_STATUS st_backward(
    const In* roots, int64_t roots_n, const In* grads, int64_t grads_n, int32_t retain_graph, int32_t create_graph,
    const In* inputs, int64_t inputs_n) noexcept {
  return attempt([&] {
    torch::autograd::backward(
        tensors(roots, roots_n), tensors(grads, grads_n), retain_graph != 0, create_graph != 0,
        tensors(inputs, inputs_n));
  });
}

// An input without a gradient yields a null entry.
ST_STATUS st_autograd_grad(
    const In* outputs, int64_t outputs_n, const In* inputs, int64_t inputs_n, const In* grads, int64_t grads_n,
    int32_t retain_graph, int32_t create_graph, int32_t allow_unused, at::Tensor*** list, int64_t* count) noexcept {
  return attempt([&] {
    auto result = torch::autograd::grad(
        tensors(outputs, outputs_n), tensors(inputs, inputs_n), tensors(grads, grads_n), retain_graph != 0,
        create_graph != 0, allow_unused != 0);
    auto** items = new at::Tensor*[result.size()];
    for (size_t i = 0; i < result.size(); i++) {
      items[i] = result[i].defined() ? new at::Tensor(std::move(result[i])) : nullptr;
    }
    *list = items;
    *count = static_cast<int64_t>(result.size());
  });
}

ST_EXPORT int32_t st_grad_mode() noexcept { return at::GradMode::is_enabled() ? 1 : 0; }
ST_EXPORT void st_set_grad_mode(int32_t enabled) noexcept { at::GradMode::set_enabled(enabled != 0); }
ST_EXPORT int32_t st_inference_mode() noexcept { return c10::InferenceMode::is_enabled() ? 1 : 0; }

ST_EXPORT void* st_enter_inference_mode(int32_t enabled) noexcept {
  return value_or(static_cast<void*>(nullptr), [&] { return new c10::InferenceMode(enabled != 0); });
}

ST_EXPORT void st_leave_inference_mode(void* guard) noexcept { delete static_cast<c10::InferenceMode*>(guard); }

ST_EXPORT int32_t st_anomaly_mode() noexcept { return torch::autograd::AnomalyMode::is_enabled() ? 1 : 0; }
ST_EXPORT int32_t st_anomaly_checks_nan() noexcept { return torch::autograd::AnomalyMode::should_check_nan() ? 1 : 0; }

ST_EXPORT void st_set_anomaly_mode(int32_t enabled, int32_t check_nan) noexcept {
  torch::autograd::AnomalyMode::set_enabled(enabled != 0, check_nan != 0);
}

namespace {

using torch::autograd::AutogradContext;

// What a managed forward pass hands back, through st_forward_add and st_forward_materialize.
struct ForwardResult {
  variable_list outputs;
  variable_list saved;
  variable_list dirty;
  variable_list non_differentiable;
  bool materialize_grads = true;
};

// Each returns 0, or the id of the managed exception that stopped it. `state` identifies the managed function's
// state; `release` ends its life. The gradients given to `backward` are new references.
struct ManagedFunction {
  int64_t (*forward)(void* state, ForwardResult* result);
  int64_t (*backward)(void* state, void* context, at::Tensor** grads, int64_t grads_n, variable_list* result);
  void (*release)(void* state);
};

struct State : torch::CustomClassHolder {
  State(const ManagedFunction& callbacks, void* managed) : functions(callbacks), handle(managed) {}
  ~State() override { functions.release(handle); }
  ManagedFunction functions;
  void* handle;
  size_t inputs = 0;
};

constexpr const char* state_key = "managed";

struct Bridge : torch::autograd::Function<Bridge> {
  static variable_list forward(
      AutogradContext* context, at::TensorList inputs, const c10::intrusive_ptr<State>& state) {
    state->inputs = inputs.size();
    ForwardResult result;
    const auto failure = state->functions.forward(state->handle, &result);
    if (failure != 0) throw ManagedFailure(failure);
    context->saved_data[state_key] = c10::IValue::make_capsule(state);
    context->save_for_backward(std::move(result.saved));
    context->mark_dirty(result.dirty);
    context->mark_non_differentiable(result.non_differentiable);
    context->set_materialize_grads(result.materialize_grads);
    return std::move(result.outputs);
  }

  static variable_list backward(AutogradContext* context, const variable_list& grads) {
    const auto state = c10::static_intrusive_pointer_cast<State>(context->saved_data.at(state_key).toCapsule());
    std::vector<at::Tensor*> given(grads.size());
    for (size_t i = 0; i < grads.size(); i++) given[i] = grads[i].defined() ? new at::Tensor(grads[i]) : nullptr;
    variable_list result;
    const auto failure = state->functions.backward(
        state->handle, context, given.data(), static_cast<int64_t>(given.size()), &result);
    if (failure != 0) throw ManagedFailure(failure);
    result.resize(state->inputs + 1);  // the state is an argument too, one without a gradient
    return result;
  }
};

}  // namespace

// Takes over `state`: it is released when the graph no longer needs it, or here after a failure.
ST_STATUS st_apply_function(
    const In* inputs, int64_t inputs_n, ManagedFunction functions, void* state, at::Tensor*** results,
    int64_t* count) noexcept {
  return make_list(results, count, [&] {
    const auto holder = c10::make_intrusive<State>(functions, state);
    const auto variables = tensors(inputs, inputs_n);
    const at::TensorList list(variables);  // only such a list is unpacked into differentiable inputs
    return Bridge::apply(list, holder);
  });
}

// The tensors saved by the forward pass; an undefined one yields a null entry.
ST_STATUS st_saved_tensors(void* context, at::Tensor*** list, int64_t* count) noexcept {
  return attempt([&] {
    auto saved = static_cast<AutogradContext*>(context)->get_saved_variables();
    auto** items = new at::Tensor*[saved.size()];
    for (size_t i = 0; i < saved.size(); i++) {
      items[i] = saved[i].defined() ? new at::Tensor(std::move(saved[i])) : nullptr;
    }
    *list = items;
    *count = static_cast<int64_t>(saved.size());
  });
}

// kind: 0 output, 1 saved for the backward pass, 2 changed in place, 3 without a gradient
ST_STATUS st_forward_add(void* result, int32_t kind, Opt tensor) noexcept {
  return attempt([&] {
    auto& forward = *static_cast<ForwardResult*>(result);
    auto& list = kind == 0 ? forward.outputs
        : kind == 1        ? forward.saved
        : kind == 2        ? forward.dirty
                           : forward.non_differentiable;
    list.push_back(tensor_or_undefined(tensor));
  });
}

ST_EXPORT void st_forward_materialize(void* result, int32_t materialize_grads) noexcept {
  static_cast<ForwardResult*>(result)->materialize_grads = materialize_grads != 0;
}

ST_STATUS st_backward_add(void* result, Opt grad) noexcept {
  return attempt([&] { static_cast<variable_list*>(result)->push_back(tensor_or_undefined(grad)); });
}
