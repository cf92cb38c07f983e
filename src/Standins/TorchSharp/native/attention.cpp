// Scaled dot-product attention for every libtorch, composed of differentiable operations.
#include "attention.h"

#include <torch/version.h>

#include <cmath>
#include <limits>

#include "fused_attention.h"

using namespace standin;

at::Tensor standin::composed_attention(
    const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, const optional<at::Tensor>& mask,
    double dropout, bool causal) {
  TORCH_CHECK(
      query.dim() >= 2 && key.dim() >= 2 && value.dim() >= 2,
      "scaled_dot_product_attention: expected at least 2 dimensions, got query ", query.sizes(), ", key ", key.sizes(),
      ", value ", value.sizes());
  TORCH_CHECK(
      !(causal && mask.has_value()),
      "scaled_dot_product_attention: an explicit mask and the causal flag exclude each other");
  const auto scale = 1.0 / std::sqrt(static_cast<double>(query.size(-1)));
  auto scores = at::matmul(query * scale, key.transpose(-2, -1));  // (..., L, S)
  if (causal) {
    const auto keep = at::ones({query.size(-2), key.size(-2)}, query.options().dtype(at::kBool)).tril();
    scores = scores.masked_fill(keep.logical_not(), -std::numeric_limits<double>::infinity());
  } else if (mask.has_value()) {
    scores = mask->scalar_type() == at::kBool
        ? scores.masked_fill(mask->logical_not(), -std::numeric_limits<double>::infinity())
        : scores + *mask;
  }
  auto weights = scores.softmax(-1);
  if (dropout > 0) weights = at::dropout(weights, dropout, true);
  return at::matmul(weights, value);
}

ST_TENSOR st_scaled_dot_product_attention(
    In query, In key, In value, Opt mask, double dropout, int32_t causal) noexcept {
  return make([&] {
    const auto shown = tensor_or_none(mask);
    const bool fits = dropout == 0 && !(causal != 0 && shown.has_value()) && fused_attention_fits(*query, *key, *value, shown);
    if (fits) return fused_attention(*query, *key, *value, shown, causal != 0);
#if TORCH_VERSION_MAJOR >= 2
    return at::scaled_dot_product_attention(*query, *key, *value, shown, dropout, causal != 0);
#else
    return composed_attention(*query, *key, *value, shown, dropout, causal != 0);
#endif
  });
}
