// Indexing, gathering, scattering, masking.
#include "abi.h"

#include <ATen/TensorIndexing.h>

#include <limits>

using namespace standin;

namespace {

struct IndexItem {
  int64_t kind;  // 0 None, 1 Ellipsis, 2 integer, 3 bool, 4 slice, 5 tensor
  int64_t start;
  int64_t stop;
  int64_t step;
  const at::Tensor* tensor;
};

constexpr int64_t not_given = std::numeric_limits<int64_t>::min();

optional<int64_t> bound(int64_t value) {
  if (value == not_given) return {};
  return value;
}

// libtorch before 2.0 knows no indices of 32 bits.
at::Tensor positions(const at::Tensor& index) { return index.scalar_type() == at::kInt ? index.to(at::kLong) : index; }

std::vector<at::indexing::TensorIndex> indices(const IndexItem* items, int64_t count) {
  using at::indexing::TensorIndex;
  std::vector<TensorIndex> result;
  result.reserve(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; i++) {
    const auto& item = items[i];
    switch (item.kind) {
      case 0: result.emplace_back(at::indexing::None); break;
      case 1: result.emplace_back(at::indexing::Ellipsis); break;
      case 2: result.emplace_back(item.start); break;
      case 3: result.emplace_back(item.start != 0); break;
      case 4: result.emplace_back(at::indexing::Slice(bound(item.start), bound(item.stop), bound(item.step))); break;
      case 5: result.emplace_back(positions(*item.tensor)); break;
      default: TORCH_CHECK(false, "unknown kind of index: ", item.kind);
    }
  }
  return result;
}

}  // namespace

ST_TENSOR st_index(In x, const IndexItem* items, int64_t count) noexcept {
  return make([&] { return x->index(indices(items, count)); });
}

ST_STATUS st_index_put_(In x, const IndexItem* items, int64_t count, In value, int32_t accumulate) noexcept {
  return attempt([&] {
    if (accumulate == 0) {
      at::Tensor target = *x;
      target.index_put_(indices(items, count), *value);
      return;
    }
    // Only tensors can be accumulated into, as in Python.
    c10::List<optional<at::Tensor>> list;
    for (int64_t i = 0; i < count; i++) {
      TORCH_CHECK(items[i].kind == 5, "accumulate needs tensors as indices");
      list.push_back(positions(*items[i].tensor));
    }
    x->index_put_(list, *value, true);
  });
}

ST_STATUS st_index_put_scalar_(In x, const IndexItem* items, int64_t count, ScalarValue value) noexcept {
  return attempt([&] {
    at::Tensor target = *x;
    target.index_put_(indices(items, count), scalar(value));
  });
}

// x[i, j, ...]: one position in each of the leading dimensions.
ST_TENSOR st_at(In x, Ints position, int64_t position_n) noexcept {
  return make([&] {
    TORCH_CHECK(
        position_n <= x->dim(), "too many indices for tensor of dimension ", x->dim(), ": expected at most ", x->dim(),
        ", found ", position_n);
    at::Tensor result = *x;
    for (int64_t i = 0; i < position_n; i++) result = result.select(0, position[i]);
    return result;
  });
}

ST_TENSOR st_index_select(In x, int64_t dim, In index) noexcept {
  return make([&] { return x->index_select(dim, *index); });
}

ST_TENSOR st_index_add(In x, int64_t dim, In index, In source, ScalarValue alpha) noexcept {
  return make([&] { return x->index_add(dim, *index, *source, scalar(alpha)); });
}

ST_STATUS st_index_add_(In x, int64_t dim, In index, In source, ScalarValue alpha) noexcept {
  return attempt([&] { x->index_add_(dim, *index, *source, scalar(alpha)); });
}

ST_TENSOR st_index_copy(In x, int64_t dim, In index, In source) noexcept {
  return make([&] { return x->index_copy(dim, *index, *source); });
}

ST_STATUS st_index_copy_(In x, int64_t dim, In index, In source) noexcept {
  return attempt([&] { x->index_copy_(dim, *index, *source); });
}

ST_TENSOR st_index_fill(In x, int64_t dim, In index, ScalarValue value) noexcept {
  return make([&] { return x->index_fill(dim, *index, scalar(value)); });
}

ST_STATUS st_index_fill_(In x, int64_t dim, In index, ScalarValue value) noexcept {
  return attempt([&] { x->index_fill_(dim, *index, scalar(value)); });
}

ST_TENSOR st_gather(In x, int64_t dim, In index, int32_t sparse_grad) noexcept {
  return make([&] { return x->gather(dim, *index, sparse_grad != 0); });
}

ST_TENSOR st_scatter(In x, int64_t dim, In index, In source) noexcept {
  return make([&] { return x->scatter(dim, *index, *source); });
}

ST_STATUS st_scatter_(In x, int64_t dim, In index, In source) noexcept {
  return attempt([&] { x->scatter_(dim, *index, *source); });
}

ST_TENSOR st_scatter_add(In x, int64_t dim, In index, In source) noexcept {
  return make([&] { return x->scatter_add(dim, *index, *source); });
}

ST_STATUS st_scatter_add_(In x, int64_t dim, In index, In source) noexcept {
  return attempt([&] { x->scatter_add_(dim, *index, *source); });
}

ST_TENSOR st_diagonal_scatter(In x, In source, int64_t offset, int64_t dim1, int64_t dim2) noexcept {
  return make([&] { return at::diagonal_scatter(*x, *source, offset, dim1, dim2); });
}

ST_TENSOR st_select_scatter(In x, In source, int64_t dim, int64_t index) noexcept {
  return make([&] { return at::select_scatter(*x, *source, dim, index); });
}

ST_TENSOR st_slice_scatter(In x, In source, int64_t dim, int64_t start, int64_t end, int64_t step) noexcept {
  return make([&] { return at::slice_scatter(*x, *source, dim, bound(start), bound(end), step); });
}

ST_TENSOR st_masked_fill(In x, In mask, ScalarValue value) noexcept {
  return make([&] { return x->masked_fill(*mask, scalar(value)); });
}

ST_STATUS st_masked_fill_(In x, In mask, ScalarValue value) noexcept {
  return attempt([&] { x->masked_fill_(*mask, scalar(value)); });
}

ST_TENSOR st_masked_select(In x, In mask) noexcept {
  return make([&] { return x->masked_select(*mask); });
}

ST_TENSOR st_masked_scatter(In x, In mask, In source) noexcept {
  return make([&] { return x->masked_scatter(*mask, *source); });
}

ST_STATUS st_masked_scatter_(In x, In mask, In source) noexcept {
  return attempt([&] { x->masked_scatter_(*mask, *source); });
}

ST_TENSOR st_take(In x, In index) noexcept {
  return make([&] { return x->take(*index); });
}

ST_TENSOR st_take_along_dim(In x, In index, int64_t dim, int32_t has_dim) noexcept {
  return make([&] { return x->take_along_dim(*index, int_or_none(dim, has_dim)); });
}

ST_TENSOR st_nonzero(In x) noexcept {
  return make([&] { return x->nonzero(); });
}

ST_TENSOR st_argwhere(In x) noexcept {
  return make([&] { return x->argwhere(); });
}

ST_STATUS st_where_indices(In condition, at::Tensor*** list, int64_t* count) noexcept {
  return make_list(list, count, [&] { return at::where(*condition); });
}
