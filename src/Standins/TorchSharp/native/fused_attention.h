// Attention in tiles of query rows, for CPUs and libtorch without a fused kernel of its own.
#pragma once

#include "abi.h"

namespace standin {

// Whether the tiled kernel can take these inputs; otherwise attention is composed of plain operations.
bool fused_attention_fits(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, const optional<at::Tensor>& mask);

// query: (B, H, L, E), key: (B, H, S, E), value: (B, H, S, Ev) float32 on the CPU; mask as for attention. Differentiable.
at::Tensor fused_attention(
    const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, const optional<at::Tensor>& mask, bool causal);

}  // namespace standin
