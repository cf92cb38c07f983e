// Scaled dot-product attention composed of plain operations: every dtype, device and shape, differentiable any number of times.
#pragma once

#include "abi.h"

namespace standin {

// query: (..., L, E), key: (..., S, E), value: (..., S, Ev); mask: bool (true keeps) or added, broadcast to (..., L, S).
at::Tensor composed_attention(
    const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, const optional<at::Tensor>& mask,
    double dropout, bool causal);

}  // namespace standin
