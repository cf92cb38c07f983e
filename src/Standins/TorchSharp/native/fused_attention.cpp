// Scores never exist as a whole: a tile of query rows meets all its keys while both are in cache. The backward pass
// computes the tile again from the row sums that the forward pass kept (Dao et al., https://arxiv.org/abs/2205.14135).
#include "fused_attention.h"

#include <torch/version.h>

#include "attention.h"

#if TORCH_VERSION_MAJOR < 2 && defined(STANDIN_SGEMM)

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

// The BLAS that libtorch itself is linked with.
extern "C" void sgemm_(
    const char* trans_a, const char* trans_b, const int* m, const int* n, const int* k, const float* alpha, const float* a,
    const int* lda, const float* b, const int* ldb, const float* beta, float* c, const int* ldc);

namespace standin {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

constexpr int64_t kRows = 64;  // query rows per tile: 64 x 256 scores are 64 KiB
constexpr float kNothing = -std::numeric_limits<float>::infinity();

#if defined(__x86_64__)
#define STANDIN_CLONES __attribute__((target_clones("avx512f", "arch=haswell", "default")))
#else
#define STANDIN_CLONES
#endif

// Row-major C (m x n) = alpha * op(A) op(B) + beta * C.
void multiply(
    bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, float alpha, const float* a, int64_t lda, const float* b,
    int64_t ldb, float beta, float* c, int64_t ldc) {
  const int im = static_cast<int>(m), in = static_cast<int>(n), ik = static_cast<int>(k);
  const int ia = static_cast<int>(lda), ib = static_cast<int>(ldb), ic = static_cast<int>(ldc);
  sgemm_(trans_b ? "T" : "N", trans_a ? "T" : "N", &in, &im, &ik, &alpha, b, &ib, a, &ia, &beta, c, &ic);
}

// e^x for x <= 0, within 2 units in the last place; below -87 it is 0. Branch-free, so that loops over it vectorise.
inline float exponential(float x) {
  const float clamped = std::max(x, -87.0f);
  const float whole = std::nearbyint(clamped * 1.44269504088896341f);
  const float rest = std::fma(whole, -1.428606765330187e-06f, std::fma(whole, -0.693145751953125f, clamped));
  float p = 1.9875691500e-4f;
  p = std::fma(p, rest, 1.3981999507e-3f);
  p = std::fma(p, rest, 8.3334519073e-3f);
  p = std::fma(p, rest, 4.1665795894e-2f);
  p = std::fma(p, rest, 1.6666665459e-1f);
  p = std::fma(p, rest, 5.0000001201e-1f);
  p = std::fma(p, rest * rest, rest + 1.0f);
  const int32_t bits = (static_cast<int32_t>(whole) + 127) << 23;
  float power;
  __builtin_memcpy(&power, &bits, sizeof(power));
  return x < -87.0f ? 0.0f : p * power;
}

STANDIN_CLONES float largest(const float* row, int64_t count) {
  float lanes[16];
  std::fill(lanes, lanes + 16, kNothing);
  int64_t i = 0;
  for (; i + 16 <= count; i += 16)
    for (int j = 0; j < 16; j++) lanes[j] = lanes[j] > row[i + j] ? lanes[j] : row[i + j];
  float result = kNothing;
  for (float lane : lanes) result = std::max(result, lane);
  for (; i < count; i++) result = std::max(result, row[i]);
  return result;
}

// row <- e^(row - shift); returns the sum.
STANDIN_CLONES float exponentials(float* row, int64_t count, float shift) {
  float lanes[16] = {};
  int64_t i = 0;
  for (; i + 16 <= count; i += 16)
    for (int j = 0; j < 16; j++) {
      const float e = exponential(row[i + j] - shift);
      row[i + j] = e;
      lanes[j] += e;
    }
  float sum = 0;
  for (float lane : lanes) sum += lane;
  for (; i < count; i++) sum += row[i] = exponential(row[i] - shift);
  return sum;
}

STANDIN_CLONES void scale_row(float* row, int64_t count, float factor) {
  for (int64_t i = 0; i < count; i++) row[i] *= factor;
}

STANDIN_CLONES float dot(const float* a, const float* b, int64_t count) {
  float lanes[16] = {};
  int64_t i = 0;
  for (; i + 16 <= count; i += 16)
    for (int j = 0; j < 16; j++) lanes[j] += a[i + j] * b[i + j];
  float sum = 0;
  for (float lane : lanes) sum += lane;
  for (; i < count; i++) sum += a[i] * b[i];
  return sum;
}

// gradient <- weight * (gradient - mean): the softmax's gradient in place.
STANDIN_CLONES void through_softmax(float* gradient, const float* weight, int64_t count, float mean) {
  for (int64_t i = 0; i < count; i++) gradient[i] = weight[i] * (gradient[i] - mean);
}

// One (batch, head) slice of a tensor whose rows are contiguous.
struct Slice {
  float* data;
  int64_t stride;  // elements from row to row
  float* row(int64_t index) const { return data + index * stride; }
};

Slice slice(const at::Tensor& t, int64_t batch, int64_t head) {
  return {t.data_ptr<float>() + batch * t.stride(0) + head * t.stride(1), t.stride(2)};
}

struct Problem {
  at::Tensor query, key, value, mask;  // mask: (B, H, L, S) by strides, or undefined
  bool causal;

  int64_t batches() const { return query.size(0); }
  int64_t heads() const { return query.size(1); }
  int64_t queries() const { return query.size(2); }
  int64_t keys() const { return key.size(2); }
  int64_t width() const { return query.size(3); }
  int64_t value_width() const { return value.size(3); }
  float scale() const { return static_cast<float>(1.0 / std::sqrt(static_cast<double>(width()))); }

  // Keys that the rows before `end` can see.
  int64_t visible(int64_t end) const { return causal ? std::min(end, keys()) : keys(); }

  void hide(float* row, int64_t count, int64_t batch, int64_t head, int64_t index) const {
    if (causal) {
      for (int64_t i = index + 1; i < count; i++) row[i] = kNothing;
    }
    if (!mask.defined()) return;
    const int64_t start = batch * mask.stride(0) + head * mask.stride(1) + index * mask.stride(2);
    const int64_t step = mask.stride(3);
    if (mask.scalar_type() == at::kBool) {
      const bool* keep = mask.data_ptr<bool>() + start;
      for (int64_t i = 0; i < count; i++) row[i] = keep[i * step] ? row[i] : kNothing;
    } else {
      const float* added = mask.data_ptr<float>() + start;
      for (int64_t i = 0; i < count; i++) row[i] += added[i * step];
    }
  }

  // scores (rows x visible) of the tile of query rows that begins at `first`.
  void score(float* scores, int64_t batch, int64_t head, int64_t first, int64_t rows, int64_t visible) const {
    const Slice q = slice(query, batch, head), k = slice(key, batch, head);
    multiply(false, true, rows, visible, width(), scale(), q.row(first), q.stride, k.data, k.stride, 0, scores, visible);
    for (int64_t r = 0; r < rows; r++) hide(scores + r * visible, visible, batch, head, first + r);
  }
};

// (B, H, rows, width) laid out as (B, rows, H, width): joining the heads afterwards costs nothing.
at::Tensor heads_inside(const at::Tensor& like, int64_t rows, int64_t width) {
  return at::empty({like.size(0), rows, like.size(1), width}, like.options()).transpose(1, 2);
}

void forward(const Problem& p, at::Tensor& output, at::Tensor& log_sums) {
  at::parallel_for(0, p.batches() * p.heads(), 1, [&](int64_t begin, int64_t end) {
    std::vector<float> scores(static_cast<size_t>(std::min(kRows, p.queries()) * p.keys()));
    for (int64_t task = begin; task < end; task++) {
      const int64_t batch = task / p.heads(), head = task % p.heads();
      const Slice v = slice(p.value, batch, head), out = slice(output, batch, head);
      float* sums = log_sums.data_ptr<float>() + task * p.queries();
      for (int64_t first = 0; first < p.queries(); first += kRows) {
        const int64_t rows = std::min(kRows, p.queries() - first), visible = p.visible(first + rows);
        p.score(scores.data(), batch, head, first, rows, visible);
        for (int64_t r = 0; r < rows; r++) {
          float* row = scores.data() + r * visible;
          const float top = largest(row, visible);
          const float sum = exponentials(row, visible, top);
          sums[first + r] = top + std::log(sum);
          scale_row(row, visible, 1 / sum);
        }
        multiply(false, false, rows, p.value_width(), visible, 1, scores.data(), visible, v.data, v.stride, 0, out.row(first), out.stride);
      }
    }
  });
}

void backward(
    const Problem& p, const at::Tensor& output, const at::Tensor& log_sums, const at::Tensor& output_gradient,
    at::Tensor& query_gradient, at::Tensor& key_gradient, at::Tensor& value_gradient) {
  at::parallel_for(0, p.batches() * p.heads(), 1, [&](int64_t begin, int64_t end) {
    const auto tile = static_cast<size_t>(std::min(kRows, p.queries()) * p.keys());
    std::vector<float> weights(tile), gradients(tile);
    for (int64_t task = begin; task < end; task++) {
      const int64_t batch = task / p.heads(), head = task % p.heads();
      const Slice q = slice(p.query, batch, head), k = slice(p.key, batch, head), v = slice(p.value, batch, head);
      const Slice out = slice(output, batch, head), d_out = slice(output_gradient, batch, head);
      const Slice d_q = slice(query_gradient, batch, head), d_k = slice(key_gradient, batch, head), d_v = slice(value_gradient, batch, head);
      const float* sums = log_sums.data_ptr<float>() + task * p.queries();
      // From the last tile on: it sees every key, so it writes what the others add to.
      float kept = 0;
      for (int64_t first = (p.queries() - 1) / kRows * kRows; first >= 0; first -= kRows) {
        const int64_t rows = std::min(kRows, p.queries() - first), visible = p.visible(first + rows);
        p.score(weights.data(), batch, head, first, rows, visible);
        for (int64_t r = 0; r < rows; r++) exponentials(weights.data() + r * visible, visible, sums[first + r]);
        multiply(true, false, visible, p.value_width(), rows, 1, weights.data(), visible, d_out.row(first), d_out.stride, kept, d_v.data, d_v.stride);
        multiply(false, true, rows, visible, p.value_width(), 1, d_out.row(first), d_out.stride, v.data, v.stride, 0, gradients.data(), visible);
        for (int64_t r = 0; r < rows; r++) {
          const float mean = dot(d_out.row(first + r), out.row(first + r), p.value_width());
          through_softmax(gradients.data() + r * visible, weights.data() + r * visible, visible, mean);
        }
        multiply(false, false, rows, p.width(), visible, p.scale(), gradients.data(), visible, k.data, k.stride, 0, d_q.row(first), d_q.stride);
        multiply(true, false, visible, p.width(), rows, p.scale(), gradients.data(), visible, q.row(first), q.stride, kept, d_k.data, d_k.stride);
        if (kept == 0 && visible < p.keys()) {
          // Keys that no query sees (more keys than queries under the causal rule) have no gradient.
          for (int64_t s = visible; s < p.keys(); s++) {
            std::fill_n(d_k.row(s), p.width(), 0.0f);
            std::fill_n(d_v.row(s), p.value_width(), 0.0f);
          }
        }
        kept = 1;
      }
    }
  });
}

struct FusedAttention : torch::autograd::Function<FusedAttention> {
  static Variable forward(AutogradContext* context, Variable query, Variable key, Variable value, const optional<at::Tensor>& shown, bool causal) {
    const auto mask = shown.value_or(at::Tensor());
    at::AutoDispatchBelowADInplaceOrView below;
    const Problem p{query, key, value, mask, causal};
    auto output = heads_inside(query, p.queries(), p.value_width());
    auto log_sums = at::empty({p.batches(), p.heads(), p.queries()}, query.options());
    standin::forward(p, output, log_sums);
    context->save_for_backward({query, key, value, mask, output, log_sums});
    context->saved_data["causal"] = causal;
    return output;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const bool causal = context->saved_data["causal"].toBool();
    const auto &query = saved[0], &key = saved[1], &value = saved[2], &mask = saved[3];
    if (at::GradMode::is_enabled()) {
      // Gradients of gradients go through the composed form, which libtorch can differentiate again.
      const auto again = composed_attention(query, key, value, mask.defined() ? optional<at::Tensor>(mask) : optional<at::Tensor>(), 0, causal);
      variable_list inputs;
      for (const auto& input : {query, key, value}) if (input.requires_grad()) inputs.push_back(input);
      const auto found = torch::autograd::grad({again}, inputs, gradients, true, true);
      variable_list result(5);
      size_t next = 0;
      for (size_t i = 0; i < 3; i++) if (saved[i].requires_grad()) result[i] = found[next++];
      return result;
    }
    const Problem p{query, key, value, mask, causal};
    const auto gradient = gradients[0].stride(3) == 1 ? gradients[0] : gradients[0].contiguous();
    auto query_gradient = heads_inside(query, p.queries(), p.width());
    auto key_gradient = heads_inside(query, p.keys(), p.width());
    auto value_gradient = heads_inside(query, p.keys(), p.value_width());
    standin::backward(p, saved[4], saved[5], gradient, query_gradient, key_gradient, value_gradient);
    return {query_gradient, key_gradient, value_gradient, Variable(), Variable()};
  }
};

at::Tensor rows_contiguous(const at::Tensor& t) {
  const bool fits = t.stride(3) == 1 && t.stride(2) >= t.size(3) && t.stride(2) < std::numeric_limits<int>::max();
  return fits ? t : t.contiguous();
}

}  // namespace

bool fused_attention_fits(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, const optional<at::Tensor>& mask) {
  if (query.dim() != 4 || key.dim() != 4 || value.dim() != 4) return false;
  for (const auto* t : {&query, &key, &value}) {
    if (!t->is_cpu() || t->scalar_type() != at::kFloat || t->numel() == 0) return false;
  }
  if (query.size(0) != key.size(0) || query.size(1) != key.size(1) || query.size(3) != key.size(3)) return false;
  if (key.sizes().slice(0, 3) != value.sizes().slice(0, 3)) return false;
  if (!mask.has_value()) return true;
  return mask->is_cpu() && !mask->requires_grad() && (mask->scalar_type() == at::kBool || mask->scalar_type() == at::kFloat);
}

at::Tensor fused_attention(
    const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, const optional<at::Tensor>& mask, bool causal) {
  optional<at::Tensor> shown;
  if (mask.has_value()) shown = mask->expand({query.size(0), query.size(1), query.size(2), key.size(2)});
  return FusedAttention::apply(rows_contiguous(query), rows_contiguous(key), rows_contiguous(value), shown, causal);
}

}  // namespace standin

#else

namespace standin {

// From 2.0 on libtorch brings its own kernel, and without a BLAS to call there is none here.
bool fused_attention_fits(const at::Tensor&, const at::Tensor&, const at::Tensor&, const optional<at::Tensor>&) { return false; }

at::Tensor fused_attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, const optional<at::Tensor>& mask, bool causal) {
  return composed_attention(query, key, value, mask, 0, causal);
}

}  // namespace standin

#endif
