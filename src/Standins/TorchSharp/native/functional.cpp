// Activations, losses, embeddings, normalisation, dropout.
#include "abi.h"

#include <c10/core/GradMode.h>

#include <limits>
#include <string>

using namespace standin;

ST_TENSOR st_softmax(In x, int64_t dim, int32_t dtype) noexcept {
  return make([&] { return x->softmax(dim, dtype_or_none(dtype)); });
}

ST_TENSOR st_log_softmax(In x, int64_t dim, int32_t dtype) noexcept {
  return make([&] { return x->log_softmax(dim, dtype_or_none(dtype)); });
}

#define ACTIVATION(op)                                                            \
  ST_TENSOR st_##op(In x) noexcept { return make([&] { return at::op(*x); }); }

#define ACTIVATION_BOTH(op) \
  ACTIVATION(op)            \
  ST_STATUS st_##op##_(In x) noexcept { return attempt([&] { at::Tensor y = *x; at::op##_(y); }); }

ACTIVATION_BOTH(silu)
ACTIVATION_BOTH(mish)
ACTIVATION_BOTH(relu6)
ACTIVATION_BOTH(selu)
ACTIVATION_BOTH(hardsigmoid)
ACTIVATION_BOTH(hardswish)
ACTIVATION(log_sigmoid)

ST_TENSOR st_gelu(In x) noexcept {
  return make([&] { return at::gelu(*x); });
}

ST_STATUS st_gelu_(In x) noexcept {
  return attempt([&] { at::Tensor y = *x; at::gelu_(y); });
}

ST_TENSOR st_elu(In x, ScalarValue alpha, ScalarValue scale, ScalarValue input_scale) noexcept {
  return make([&] { return at::elu(*x, scalar(alpha), scalar(scale), scalar(input_scale)); });
}

ST_STATUS st_elu_(In x, ScalarValue alpha, ScalarValue scale, ScalarValue input_scale) noexcept {
  return attempt([&] { at::Tensor y = *x; at::elu_(y, scalar(alpha), scalar(scale), scalar(input_scale)); });
}

ST_TENSOR st_celu(In x, ScalarValue alpha) noexcept {
  return make([&] { return at::celu(*x, scalar(alpha)); });
}

ST_STATUS st_celu_(In x, ScalarValue alpha) noexcept {
  return attempt([&] { at::Tensor y = *x; at::celu_(y, scalar(alpha)); });
}

ST_TENSOR st_leaky_relu(In x, ScalarValue slope) noexcept {
  return make([&] { return at::leaky_relu(*x, scalar(slope)); });
}

ST_STATUS st_leaky_relu_(In x, ScalarValue slope) noexcept {
  return attempt([&] { at::Tensor y = *x; at::leaky_relu_(y, scalar(slope)); });
}

ST_TENSOR st_hardtanh(In x, ScalarValue min, ScalarValue max) noexcept {
  return make([&] { return at::hardtanh(*x, scalar(min), scalar(max)); });
}

ST_STATUS st_hardtanh_(In x, ScalarValue min, ScalarValue max) noexcept {
  return attempt([&] { at::Tensor y = *x; at::hardtanh_(y, scalar(min), scalar(max)); });
}

ST_TENSOR st_threshold(In x, ScalarValue threshold, ScalarValue value) noexcept {
  return make([&] { return at::threshold(*x, scalar(threshold), scalar(value)); });
}

ST_STATUS st_threshold_(In x, ScalarValue threshold, ScalarValue value) noexcept {
  return attempt([&] { at::Tensor y = *x; at::threshold_(y, scalar(threshold), scalar(value)); });
}

ST_TENSOR st_softplus(In x, double beta, double threshold) noexcept {
  return make([&] { return at::softplus(*x, beta, threshold); });
}

ST_TENSOR st_softshrink(In x, double lambda) noexcept {
  return make([&] { return at::softshrink(*x, lambda); });
}

ST_TENSOR st_hardshrink(In x, double lambda) noexcept {
  return make([&] { return at::hardshrink(*x, lambda); });
}

ST_TENSOR st_glu(In x, int64_t dim) noexcept {
  return make([&] { return at::glu(*x, dim); });
}

ST_TENSOR st_prelu(In x, In weight) noexcept {
  return make([&] { return at::prelu(*x, *weight); });
}

ST_TENSOR st_linear(In x, In weight, Opt bias) noexcept {
  return make([&] { return at::linear(*x, *weight, tensor_or_none(bias)); });
}

ST_TENSOR st_bilinear(In x, In other, In weight, Opt bias) noexcept {
  return make([&] { return at::bilinear(*x, *other, *weight, tensor_or_none(bias)); });
}

ST_TENSOR st_dropout(In x, double p, int32_t training) noexcept {
  return make([&] { return at::dropout(*x, p, training != 0); });
}

ST_STATUS st_dropout_(In x, double p, int32_t training) noexcept {
  return attempt([&] { at::Tensor y = *x; at::dropout_(y, p, training != 0); });
}

ST_TENSOR st_alpha_dropout(In x, double p, int32_t training) noexcept {
  return make([&] { return at::alpha_dropout(*x, p, training != 0); });
}

ST_TENSOR st_feature_dropout(In x, double p, int32_t training) noexcept {
  return make([&] { return at::feature_dropout(*x, p, training != 0); });
}

// A padding index of the lowest integer means "none". With a maximum norm, the rows used are rescaled in place.
ST_TENSOR st_embedding(
    In x, In weight, int64_t padding_idx, double max_norm, double norm_type, int32_t scale_grad_by_freq,
    int32_t sparse) noexcept {
  return make([&] {
    constexpr auto none = std::numeric_limits<int64_t>::min();
    auto padding = int64_t{-1};
    if (padding_idx != none) {
      const auto rows = weight->size(0);
      TORCH_CHECK(
          padding_idx >= -rows && padding_idx < rows, "padding_idx must be within the ", rows, " rows, got ",
          padding_idx);
      padding = padding_idx < 0 ? padding_idx + rows : padding_idx;
    }
    if (max_norm > 0) {
      c10::AutoGradMode no_grad(false);
      at::Tensor rows = *weight;
      at::embedding_renorm_(rows, x->contiguous(), max_norm, norm_type);
    }
    return at::embedding(*weight, *x, padding, scale_grad_by_freq != 0, sparse != 0);
  });
}

ST_TENSOR st_one_hot(In x, int64_t num_classes) noexcept {
  return make([&] { return at::one_hot(*x, num_classes); });
}

ST_TENSOR st_layer_norm(In x, Ints shape, int64_t shape_n, Opt weight, Opt bias, double eps) noexcept {
  return make([&] {
    return at::layer_norm(*x, ints(shape, shape_n), tensor_or_none(weight), tensor_or_none(bias), eps);
  });
}

ST_TENSOR st_group_norm(In x, int64_t groups, Opt weight, Opt bias, double eps) noexcept {
  return make([&] { return at::group_norm(*x, groups, tensor_or_none(weight), tensor_or_none(bias), eps); });
}

ST_TENSOR st_normalize(In x, double p, int64_t dim, double eps) noexcept {
  return make([&] { return *x / x->norm(p, dim, true).clamp_min(eps).expand_as(*x); });
}

ST_TENSOR st_cosine_similarity(In x, In other, int64_t dim, double eps) noexcept {
  return make([&] { return at::cosine_similarity(*x, *other, dim, eps); });
}

ST_TENSOR st_pairwise_distance(In x, In other, double p, double eps, int32_t keepdim) noexcept {
  return make([&] { return at::pairwise_distance(*x, *other, p, eps, keepdim != 0); });
}

ST_TENSOR st_pad(In x, Ints pad, int64_t pad_n, const char* mode, double value) noexcept {
  return make([&] {
    // Only a constant pad takes a value.
    const auto fill = std::string(mode) == "constant" ? optional<double>(value) : optional<double>();
    return at::pad(*x, ints(pad, pad_n), mode, fill);
  });
}

ST_TENSOR st_channel_shuffle(In x, int64_t groups) noexcept {
  return make([&] { return at::channel_shuffle(*x, groups); });
}

// reduction: 0 none, 1 mean, 2 sum
ST_TENSOR st_cross_entropy(
    In x, In target, Opt weight, int64_t reduction, int64_t ignore_index, double label_smoothing) noexcept {
  return make([&] {
    return at::cross_entropy_loss(*x, *target, tensor_or_none(weight), reduction, ignore_index, label_smoothing);
  });
}

ST_TENSOR st_nll_loss(In x, In target, Opt weight, int64_t reduction, int64_t ignore_index) noexcept {
  return make([&] { return at::nll_loss_nd(*x, *target, tensor_or_none(weight), reduction, ignore_index); });
}

ST_TENSOR st_binary_cross_entropy(In x, In target, Opt weight, int64_t reduction) noexcept {
  return make([&] { return at::binary_cross_entropy(*x, *target, tensor_or_none(weight), reduction); });
}

ST_TENSOR st_binary_cross_entropy_with_logits(
    In x, In target, Opt weight, Opt pos_weight, int64_t reduction) noexcept {
  return make([&] {
    return at::binary_cross_entropy_with_logits(
        *x, *target, tensor_or_none(weight), tensor_or_none(pos_weight), reduction);
  });
}

// As torch.nn.functional.mse_loss: shapes are broadcast first.
ST_TENSOR st_mse_loss(In x, In target, int64_t reduction) noexcept {
  return make([&] {
    const auto both = at::broadcast_tensors({*x, *target});
    return at::mse_loss(both[0], both[1], reduction);
  });
}

ST_TENSOR st_l1_loss(In x, In target, int64_t reduction) noexcept {
  return make([&] {
    const auto both = at::broadcast_tensors({*x, *target});
    return at::l1_loss(both[0], both[1], reduction);
  });
}

ST_TENSOR st_smooth_l1_loss(In x, In target, int64_t reduction, double beta) noexcept {
  return make([&] {
    const auto both = at::broadcast_tensors({*x, *target});
    return at::smooth_l1_loss(both[0], both[1], reduction, beta);
  });
}

ST_TENSOR st_huber_loss(In x, In target, int64_t reduction, double delta) noexcept {
  return make([&] {
    const auto both = at::broadcast_tensors({*x, *target});
    return at::huber_loss(both[0], both[1], reduction, delta);
  });
}

ST_TENSOR st_kl_div(In x, In target, int64_t reduction, int32_t log_target) noexcept {
  return make([&] { return at::kl_div(*x, *target, reduction, log_target != 0); });
}

ST_TENSOR st_cosine_embedding_loss(In x, In other, In target, double margin, int64_t reduction) noexcept {
  return make([&] { return at::cosine_embedding_loss(*x, *other, *target, margin, reduction); });
}

ST_TENSOR st_margin_ranking_loss(In x, In other, In target, double margin, int64_t reduction) noexcept {
  return make([&] { return at::margin_ranking_loss(*x, *other, *target, margin, reduction); });
}

ST_TENSOR st_triplet_margin_loss(
    In anchor, In positive, In negative, double margin, double p, double eps, int32_t swap,
    int64_t reduction) noexcept {
  return make([&] {
    return at::triplet_margin_loss(*anchor, *positive, *negative, margin, p, eps, swap != 0, reduction);
  });
}
