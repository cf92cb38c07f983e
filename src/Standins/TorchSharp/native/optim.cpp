// Optimizer steps and gradient passes: one call for all parameters. Dense float32 on the CPU, which is where the time
// goes, runs in one fused, parallel loop over memory; everything else goes through libtorch's own operators.
#include "abi.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/_foreach_addcdiv.h>
#include <ATen/ops/_foreach_norm.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>

// The loops below are compiled once per instruction set and chosen when the library is loaded. The square roots in them
// become vector instructions only with -fno-math-errno.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define ST_VECTORISED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define ST_VECTORISED
#endif

namespace standin {
namespace {

constexpr int64_t kGrain = 1 << 15;     // elements that are worth a thread
constexpr int64_t kNormBlock = 1 << 13; // elements per partial sum, so that a norm does not depend on the threads

bool is_dense_float(const at::Tensor& tensor) {
  return tensor.layout() == at::kStrided && tensor.device().is_cpu() && tensor.scalar_type() == at::kFloat &&
      tensor.is_contiguous() && !tensor.is_neg();
}

// State comes from outside, and the fused loops trust its size.
bool fits(const at::Tensor& state, const at::Tensor& param) {
  return is_dense_float(state) && state.numel() == param.numel();
}

void require_all(const In* params, int64_t count) {
  for (int64_t i = 0; i < count; i++) TORCH_CHECK(params[i] != nullptr, "expected a tensor at position ", i, ", found null");
}

// Several arrays of different lengths, walked as one sequence.
class Spans {
 public:
  void add(int64_t length) { ends_.push_back(total() + length); }
  int64_t total() const { return ends_.empty() ? 0 : ends_.back(); }

  // Calls visit(array, offset, length) for the pieces that cover everything, in parallel.
  template <class F>
  void parallel(const F& visit) const {
    at::parallel_for(0, total(), kGrain, [&](int64_t begin, int64_t end) {
      auto array = std::upper_bound(ends_.begin(), ends_.end(), begin) - ends_.begin();
      while (begin < end) {
        const int64_t start = array == 0 ? 0 : ends_[array - 1];
        const int64_t stop = std::min(end, ends_[array]);
        if (begin < stop) visit(array, begin - start, stop - begin);
        begin = stop;
        array++;
      }
    });
  }

 private:
  std::vector<int64_t> ends_;
};

struct AdamConstants {
  float grad_sign, coupled_decay, keep, beta1, beta1_rest, beta2, beta2_rest, bias2_root, eps, step_size;
};

ST_VECTORISED void adam_loop(
    float* __restrict p, const float* __restrict g, float* __restrict m, float* __restrict v, int64_t n,
    const AdamConstants c) {
  for (int64_t i = 0; i < n; i++) {
    const float grad = c.grad_sign * g[i] + c.coupled_decay * p[i];
    const float mean = c.beta1 * m[i] + c.beta1_rest * grad;
    const float square = c.beta2 * v[i] + c.beta2_rest * grad * grad;
    m[i] = mean;
    v[i] = square;
    p[i] = c.keep * p[i] - c.step_size * mean / (std::sqrt(square) / c.bias2_root + c.eps);
  }
}

ST_VECTORISED void amsgrad_loop(
    float* __restrict p, const float* __restrict g, float* __restrict m, float* __restrict v, float* __restrict top,
    int64_t n, const AdamConstants c) {
  for (int64_t i = 0; i < n; i++) {
    const float grad = c.grad_sign * g[i] + c.coupled_decay * p[i];
    const float mean = c.beta1 * m[i] + c.beta1_rest * grad;
    const float square = c.beta2 * v[i] + c.beta2_rest * grad * grad;
    const float largest = square > top[i] || square != square ? square : top[i];
    m[i] = mean;
    v[i] = square;
    top[i] = largest;
    p[i] = c.keep * p[i] - c.step_size * mean / (std::sqrt(largest) / c.bias2_root + c.eps);
  }
}

struct SgdConstants {
  float decay, momentum, fresh, nesterov, rate;
};

ST_VECTORISED void sgd_loop(float* __restrict p, const float* __restrict g, int64_t n, const SgdConstants c) {
  for (int64_t i = 0; i < n; i++) p[i] = p[i] + c.rate * (g[i] + c.decay * p[i]);
}

// direction = nesterov ? grad + momentum * buffer : buffer, written without a branch.
ST_VECTORISED void momentum_loop(
    float* __restrict p, const float* __restrict g, float* __restrict buffer, int64_t n, const SgdConstants c) {
  const float of_grad = c.nesterov;
  const float of_buffer = c.nesterov != 0.f ? c.momentum : 1.f;
  for (int64_t i = 0; i < n; i++) {
    const float grad = g[i] + c.decay * p[i];
    const float moved = c.momentum * buffer[i] + c.fresh * grad;
    buffer[i] = moved;
    p[i] = p[i] + c.rate * (of_grad * grad + of_buffer * moved);
  }
}

ST_VECTORISED double sum_of_squares(const float* __restrict x, int64_t n) {
  constexpr int64_t kLanes = 32;
  float lanes[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (int64_t k = 0; k < kLanes; k++) lanes[k] += x[i + k] * x[i + k];
  }
  double sum = 0;
  for (int64_t k = 0; k < kLanes; k++) sum += lanes[k];
  for (; i < n; i++) sum += static_cast<double>(x[i]) * x[i];
  return sum;
}

ST_VECTORISED void scale_loop(float* __restrict x, int64_t n, const float by) {
  for (int64_t i = 0; i < n; i++) x[i] *= by;
}

// libtorch's list operators fuse launches on a GPU; elsewhere they would only hold many temporaries at once.
template <class F>
void in_batches(const std::vector<size_t>& members, bool together, const F& run) {
  if (together) {
    run(members);
    return;
  }
  for (const size_t member : members) run(std::vector<size_t>{member});
}

std::vector<at::Tensor> pick(const std::vector<at::Tensor>& from, const std::vector<size_t>& members) {
  std::vector<at::Tensor> result;
  result.reserve(members.size());
  for (const size_t member : members) result.push_back(from[member]);
  return result;
}

struct AdamLists {
  std::vector<at::Tensor> params, grads, means, squares, tops;
};

void adam_by_operators(
    const AdamLists& lists, const std::vector<size_t>& members, double lr, double bias1, double bias2_root,
    double beta1, double beta2, double eps, double weight_decay, bool decoupled, bool maximize) {
  auto params = pick(lists.params, members);
  auto grads = pick(lists.grads, members);
  auto means = pick(lists.means, members);
  auto squares = pick(lists.squares, members);
  if (maximize) grads = at::_foreach_neg(grads);
  if (decoupled) {
    at::_foreach_mul_(params, 1 - lr * weight_decay);
  } else if (weight_decay != 0) {
    grads = at::_foreach_add(grads, params, weight_decay);
  }
  at::_foreach_mul_(means, beta1);
  at::_foreach_add_(means, grads, 1 - beta1);
  at::_foreach_mul_(squares, beta2);
  at::_foreach_addcmul_(squares, grads, grads, 1 - beta2);
  std::vector<at::Tensor> roots;
  if (lists.tops.empty()) {
    roots = at::_foreach_sqrt(squares);
  } else {
    auto tops = pick(lists.tops, members);
    for (size_t i = 0; i < tops.size(); i++) at::maximum_out(tops[i], tops[i], squares[i]);
    roots = at::_foreach_sqrt(tops);
  }
  at::_foreach_div_(roots, bias2_root);
  at::_foreach_add_(roots, eps);
  at::_foreach_addcdiv_(params, means, roots, -lr / bias1);
}

}  // namespace
}  // namespace standin

using namespace standin;

// One Adam (decoupled = 0) or AdamW (decoupled = 1) step. Parameters without a gradient are left alone; `steps`
// counts, for each of the others, the steps taken. `tops` is null without amsgrad.
ST_STATUS st_adam_step(
    const In* params, const In* means, const In* squares, const In* tops, int64_t* steps, int64_t count, double lr,
    double beta1, double beta2, double eps, double weight_decay, int32_t decoupled, int32_t maximize) noexcept {
  return attempt([&] {
    const at::NoGradGuard no_grad;
    require_all(params, count);
    struct Dense {
      float *p, *m, *v, *top;
      const float* g;
      AdamConstants constants;
    };
    std::vector<Dense> dense;
    Spans spans;
    AdamLists others;
    std::map<std::pair<int64_t, bool>, std::vector<size_t>> batches;
    require_all(means, count);
    require_all(squares, count);
    if (tops != nullptr) require_all(tops, count);

    for (int64_t i = 0; i < count; i++) {
      const at::Tensor grad = params[i]->grad();
      if (!grad.defined()) continue;
      const int64_t step = ++steps[i];

      if (is_dense_float(*params[i]) && fits(grad, *params[i]) && fits(*means[i], *params[i]) &&
          fits(*squares[i], *params[i]) && (tops == nullptr || fits(*tops[i], *params[i]))) {
        AdamConstants c;
        c.grad_sign = maximize ? -1.f : 1.f;
        c.coupled_decay = decoupled ? 0.f : static_cast<float>(weight_decay);
        c.keep = decoupled ? static_cast<float>(1 - lr * weight_decay) : 1.f;
        c.beta1 = static_cast<float>(beta1);
        c.beta1_rest = static_cast<float>(1 - beta1);
        c.beta2 = static_cast<float>(beta2);
        c.beta2_rest = static_cast<float>(1 - beta2);
        c.bias2_root = static_cast<float>(std::sqrt(1 - std::pow(beta2, static_cast<double>(step))));
        c.eps = static_cast<float>(eps);
        c.step_size = static_cast<float>(lr / (1 - std::pow(beta1, static_cast<double>(step))));
        dense.push_back({params[i]->data_ptr<float>(), means[i]->data_ptr<float>(), squares[i]->data_ptr<float>(),
                         tops == nullptr ? nullptr : tops[i]->data_ptr<float>(), grad.data_ptr<float>(), c});
        spans.add(params[i]->numel());
        continue;
      }
      batches[{step, params[i]->is_cuda()}].push_back(others.params.size());
      others.params.push_back(*params[i]);
      others.grads.push_back(grad);
      others.means.push_back(*means[i]);
      others.squares.push_back(*squares[i]);
      if (tops != nullptr) others.tops.push_back(*tops[i]);
    }

    spans.parallel([&](int64_t array, int64_t offset, int64_t length) {
      const Dense& d = dense[array];
      if (d.top == nullptr) {
        adam_loop(d.p + offset, d.g + offset, d.m + offset, d.v + offset, length, d.constants);
      } else {
        amsgrad_loop(d.p + offset, d.g + offset, d.m + offset, d.v + offset, d.top + offset, length, d.constants);
      }
    });

    for (const auto& batch : batches) {
      const auto step = static_cast<double>(batch.first.first);
      in_batches(batch.second, batch.first.second, [&](const std::vector<size_t>& members) {
        adam_by_operators(
            others, members, lr, 1 - std::pow(beta1, step), std::sqrt(1 - std::pow(beta2, step)), beta1, beta2, eps,
            weight_decay, decoupled != 0, maximize != 0);
      });
    }
  });
}

// One SGD step. With momentum, a null entry of `buffers` receives a new buffer.
ST_STATUS st_sgd_step(
    const In* params, Out buffers, int64_t count, double lr, double momentum, double dampening, double weight_decay,
    int32_t nesterov, int32_t maximize) noexcept {
  return attempt([&] {
    const at::NoGradGuard no_grad;
    require_all(params, count);
    struct Dense {
      float *p, *buffer;
      const float* g;
      SgdConstants constants;
    };
    std::vector<Dense> dense;
    Spans spans;
    const double rate = maximize ? lr : -lr;

    for (int64_t i = 0; i < count; i++) {
      at::Tensor grad = params[i]->grad();
      if (!grad.defined()) continue;
      at::Tensor param = *params[i];
      const bool first = momentum != 0 && buffers[i] == nullptr;

      if (is_dense_float(param) && fits(grad, param) && (momentum == 0 || first || fits(*buffers[i], param))) {
        if (first) put(buffers + i, at::zeros_like(param, param.options().requires_grad(false)));
        SgdConstants c;
        c.decay = static_cast<float>(weight_decay);
        c.momentum = static_cast<float>(momentum);
        c.fresh = first ? 1.f : static_cast<float>(1 - dampening);
        c.nesterov = nesterov ? 1.f : 0.f;
        c.rate = static_cast<float>(rate);
        dense.push_back({param.data_ptr<float>(), momentum == 0 ? nullptr : buffers[i]->data_ptr<float>(),
                         grad.data_ptr<float>(), c});
        spans.add(param.numel());
        continue;
      }
      if (weight_decay != 0) grad = grad.add(param, weight_decay);
      if (momentum != 0) {
        if (first) {
          put(buffers + i, grad.clone().detach());
        } else {
          buffers[i]->mul_(momentum).add_(grad, 1 - dampening);
        }
        grad = nesterov ? grad.add(*buffers[i], momentum) : *buffers[i];
      }
      param.add_(grad, rate);
    }

    spans.parallel([&](int64_t array, int64_t offset, int64_t length) {
      const Dense& d = dense[array];
      if (d.buffer == nullptr) {
        sgd_loop(d.p + offset, d.g + offset, length, d.constants);
      } else {
        momentum_loop(d.p + offset, d.g + offset, d.buffer + offset, length, d.constants);
      }
    });
  });
}

// Scales all gradients so that their norm, taken over all of them together, is at most max_norm, and gives the norm
// they had. Gradients on a device are scaled there; the only wait is for the result.
ST_STATUS st_clip_grad_norm(const In* params, int64_t count, double max_norm, double norm_type, double* total) noexcept {
  return attempt([&] {
    const at::NoGradGuard no_grad;
    require_all(params, count);
    std::vector<at::Tensor> grads;
    bool all_dense = true;
    for (int64_t i = 0; i < count; i++) {
      const at::Tensor grad = params[i]->grad();
      if (!grad.defined()) continue;
      all_dense = all_dense && is_dense_float(grad);
      grads.push_back(grad);
    }
    *total = 0;
    if (grads.empty()) return;

    if (all_dense && norm_type == 2) {
      std::vector<std::pair<const float*, int64_t>> blocks;
      Spans spans;
      for (const auto& grad : grads) {
        const float* data = grad.data_ptr<float>();
        for (int64_t at = 0; at < grad.numel(); at += kNormBlock) {
          blocks.emplace_back(data + at, std::min(kNormBlock, grad.numel() - at));
        }
        spans.add(grad.numel());
      }
      std::vector<double> sums(blocks.size());
      at::parallel_for(0, static_cast<int64_t>(blocks.size()), kGrain / kNormBlock, [&](int64_t begin, int64_t end) {
        for (int64_t b = begin; b < end; b++) sums[b] = sum_of_squares(blocks[b].first, blocks[b].second);
      });
      double sum = 0;
      for (const double part : sums) sum += part;
      *total = std::sqrt(sum);
      const double scale = max_norm / (*total + 1e-6);
      if (scale >= 1) return;
      spans.parallel([&](int64_t array, int64_t offset, int64_t length) {
        scale_loop(grads[array].data_ptr<float>() + offset, length, static_cast<float>(scale));
      });
      return;
    }

    std::vector<at::Tensor> norms;
    norms.reserve(grads.size());
    for (const auto& grad : grads) {
      if (norm_type == 0) break;
      norms.push_back((norm_type == std::numeric_limits<double>::infinity() ? grad.abs().max() : grad.norm(norm_type))
                          .to(grads[0].device(), at::kFloat));
    }
    at::Tensor norm;
    if (norm_type == 0) {
      norm = at::full({}, static_cast<double>(grads.size()), grads[0].options().dtype(at::kFloat).layout(at::kStrided));
    } else if (norm_type == std::numeric_limits<double>::infinity()) {
      norm = at::stack(norms).max();
    } else {
      norm = at::stack(norms).norm(norm_type);
    }
    const at::Tensor scale = at::clamp_max(max_norm / (norm + 1e-6), 1.0);
    for (auto& grad : grads) grad.mul_(scale.to(grad.device(), grad.scalar_type()));
    *total = norm.item<double>();
  });
}

ST_STATUS st_clip_grad_value(const In* params, int64_t count, double value) noexcept {
  return attempt([&] {
    const at::NoGradGuard no_grad;
    require_all(params, count);
    for (int64_t i = 0; i < count; i++) {
      at::Tensor grad = params[i]->grad();
      if (grad.defined()) grad.clamp_(-value, value);
    }
  });
}

ST_STATUS st_zero_grad(const In* params, int64_t count, int32_t set_to_none) noexcept {
  return attempt([&] {
    const at::NoGradGuard no_grad;
    require_all(params, count);
    for (int64_t i = 0; i < count; i++) {
      at::Tensor& grad = params[i]->mutable_grad();
      if (!grad.defined()) continue;
      if (set_to_none) {
        grad.reset();
        continue;
      }
      if (grad.grad_fn()) {
        grad = grad.detach();
      } else {
        grad.set_requires_grad(false);
      }
      grad.zero_();
    }
  });
}

ST_TENSOR st_parameters_to_vector(const In* params, int64_t count) noexcept {
  return make([&] {
    require_all(params, count);
    TORCH_CHECK(count > 0, "expected at least one parameter to make a vector from, found none");
    std::vector<at::Tensor> flat;
    flat.reserve(static_cast<size_t>(count));
    for (int64_t i = 0; i < count; i++) flat.push_back(params[i]->reshape({-1}));
    return at::cat(flat);
  });
}

// Afterwards the parameters share their memory with the vector.
ST_STATUS st_vector_to_parameters(In vector, const In* params, int64_t count) noexcept {
  return attempt([&] {
    require_all(params, count);
    int64_t needed = 0;
    for (int64_t i = 0; i < count; i++) needed += params[i]->numel();
    TORCH_CHECK(
        vector->dim() == 1 && vector->numel() == needed, "expected a vector of ", needed,
        " elements, as many as the parameters have, found a tensor of shape ", vector->sizes());
    int64_t at = 0;
    for (int64_t i = 0; i < count; i++) {
      const int64_t length = params[i]->numel();
      params[i]->set_data(vector->slice(0, at, at + length).view_as(*params[i]).tensor_data());
      at += length;
    }
  });
}
