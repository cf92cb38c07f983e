// Views, joining, splitting.
#include "abi.h"

using namespace standin;

#define WITH_SIZES(op) \
  ST_TENSOR st_##op(In x, Ints sizes, int64_t sizes_n) noexcept { \
    return make([&] { return x->op(ints(sizes, sizes_n)); });     \
  }

WITH_SIZES(view)
WITH_SIZES(reshape)
WITH_SIZES(permute)
WITH_SIZES(repeat)
WITH_SIZES(tile)
WITH_SIZES(flip)
WITH_SIZES(broadcast_to)

ST_TENSOR st_expand(In x, Ints sizes, int64_t sizes_n, int32_t implicit) noexcept {
  return make([&] { return x->expand(ints(sizes, sizes_n), implicit != 0); });
}

ST_TENSOR st_flatten(In x, int64_t start, int64_t end) noexcept {
  return make([&] { return x->flatten(start, end); });
}

ST_TENSOR st_unflatten(In x, int64_t dim, Ints sizes, int64_t sizes_n) noexcept {
  return make([&] { return x->unflatten(dim, ints(sizes, sizes_n)); });
}

ST_TENSOR st_squeeze(In x, int64_t dim, int32_t has_dim) noexcept {
  return make([&] { return has_dim != 0 ? x->squeeze(dim) : x->squeeze(); });
}

ST_STATUS st_squeeze_(In x, int64_t dim, int32_t has_dim) noexcept {
  return attempt([&] { has_dim != 0 ? x->squeeze_(dim) : x->squeeze_(); });
}

ST_TENSOR st_unsqueeze(In x, int64_t dim) noexcept {
  return make([&] { return x->unsqueeze(dim); });
}

ST_STATUS st_unsqueeze_(In x, int64_t dim) noexcept {
  return attempt([&] { x->unsqueeze_(dim); });
}

ST_TENSOR st_t(In x) noexcept {
  return make([&] { return x->t(); });
}

ST_TENSOR st_numpy_T(In x) noexcept {
  return make([&] { return x->numpy_T(); });
}

ST_TENSOR st_mT(In x) noexcept {
  return make([&] { return x->mT(); });
}

ST_TENSOR st_adjoint(In x) noexcept {
  return make([&] { return x->adjoint(); });
}

ST_TENSOR st_transpose(In x, int64_t dim0, int64_t dim1) noexcept {
  return make([&] { return x->transpose(dim0, dim1); });
}

ST_STATUS st_transpose_(In x, int64_t dim0, int64_t dim1) noexcept {
  return attempt([&] { x->transpose_(dim0, dim1); });
}

ST_TENSOR st_movedim(In x, Ints source, int64_t source_n, Ints destination, int64_t destination_n) noexcept {
  return make([&] { return x->movedim(ints(source, source_n), ints(destination, destination_n)); });
}

ST_TENSOR st_as_strided(
    In x, Ints sizes, int64_t sizes_n, Ints strides, int64_t strides_n, int64_t offset) noexcept {
  return make([&] { return x->as_strided(ints(sizes, sizes_n), ints(strides, strides_n), offset); });
}

ST_TENSOR st_unfold(In x, int64_t dim, int64_t size, int64_t step) noexcept {
  return make([&] { return x->unfold(dim, size, step); });
}

ST_TENSOR st_narrow(In x, int64_t dim, int64_t start, int64_t length) noexcept {
  return make([&] { return x->narrow(dim, start, length); });
}

ST_TENSOR st_select(In x, int64_t dim, int64_t index) noexcept {
  return make([&] { return x->select(dim, index); });
}

ST_TENSOR st_slice(In x, int64_t dim, int64_t start, int64_t end, int64_t step) noexcept {
  return make([&] { return x->slice(dim, start, end, step); });
}

ST_TENSOR st_roll(In x, Ints shifts, int64_t shifts_n, Ints dims, int64_t dims_n) noexcept {
  return make([&] { return x->roll(ints(shifts, shifts_n), ints(dims, dims_n)); });
}

ST_TENSOR st_rot90(In x, int64_t k, Ints dims, int64_t dims_n) noexcept {
  return make([&] { return x->rot90(k, ints(dims, dims_n)); });
}

ST_TENSOR st_tril(In x, int64_t diagonal) noexcept {
  return make([&] { return x->tril(diagonal); });
}

ST_STATUS st_tril_(In x, int64_t diagonal) noexcept {
  return attempt([&] { x->tril_(diagonal); });
}

ST_TENSOR st_triu(In x, int64_t diagonal) noexcept {
  return make([&] { return x->triu(diagonal); });
}

ST_STATUS st_triu_(In x, int64_t diagonal) noexcept {
  return attempt([&] { x->triu_(diagonal); });
}

ST_TENSOR st_diag(In x, int64_t diagonal) noexcept {
  return make([&] { return x->diag(diagonal); });
}

ST_TENSOR st_diagflat(In x, int64_t offset) noexcept {
  return make([&] { return x->diagflat(offset); });
}

ST_TENSOR st_diag_embed(In x, int64_t offset, int64_t dim1, int64_t dim2) noexcept {
  return make([&] { return x->diag_embed(offset, dim1, dim2); });
}

ST_TENSOR st_diagonal(In x, int64_t offset, int64_t dim1, int64_t dim2) noexcept {
  return make([&] { return x->diagonal(offset, dim1, dim2); });
}

ST_TENSOR st_repeat_interleave(
    In x, In repeats, int64_t dim, int32_t has_dim, int64_t output_size, int32_t has_output_size) noexcept {
  return make([&] {
    return x->repeat_interleave(*repeats, int_or_none(dim, has_dim), int_or_none(output_size, has_output_size));
  });
}

ST_TENSOR st_repeat_interleave_int(
    In x, int64_t repeats, int64_t dim, int32_t has_dim, int64_t output_size, int32_t has_output_size) noexcept {
  return make([&] {
    return x->repeat_interleave(repeats, int_or_none(dim, has_dim), int_or_none(output_size, has_output_size));
  });
}

ST_STATUS st_split(In x, int64_t size, int64_t dim, at::Tensor*** list, int64_t* count) noexcept {
  return make_list(list, count, [&] { return x->split(size, dim); });
}

ST_STATUS st_split_sizes(
    In x, Ints sizes, int64_t sizes_n, int64_t dim, at::Tensor*** list, int64_t* count) noexcept {
  return make_list(list, count, [&] { return x->split_with_sizes(ints(sizes, sizes_n), dim); });
}

ST_STATUS st_chunk(In x, int64_t chunks, int64_t dim, at::Tensor*** list, int64_t* count) noexcept {
  return make_list(list, count, [&] { return x->chunk(chunks, dim); });
}

ST_STATUS st_tensor_split(In x, int64_t sections, int64_t dim, at::Tensor*** list, int64_t* count) noexcept {
  return make_list(list, count, [&] { return x->tensor_split(sections, dim); });
}

ST_STATUS st_tensor_split_indices(
    In x, Ints indices, int64_t indices_n, int64_t dim, at::Tensor*** list, int64_t* count) noexcept {
  return make_list(list, count, [&] { return x->tensor_split(ints(indices, indices_n), dim); });
}

ST_STATUS st_tensor_split_tensor(
    In x, In indices, int64_t dim, at::Tensor*** list, int64_t* count) noexcept {
  return make_list(list, count, [&] { return x->tensor_split(*indices, dim); });
}

ST_STATUS st_unbind(In x, int64_t dim, at::Tensor*** list, int64_t* count) noexcept {
  return make_list(list, count, [&] { return x->unbind(dim); });
}

ST_TENSOR st_cat(const In* list, int64_t count, int64_t dim) noexcept {
  return make([&] { return at::cat(tensors(list, count), dim); });
}

ST_TENSOR st_stack(const In* list, int64_t count, int64_t dim) noexcept {
  return make([&] { return at::stack(tensors(list, count), dim); });
}

#define JOIN(op) \
  ST_TENSOR st_##op(const In* list, int64_t count) noexcept { \
    return make([&] { return at::op(tensors(list, count)); }); \
  }

JOIN(hstack)
JOIN(vstack)
JOIN(dstack)
JOIN(column_stack)
JOIN(row_stack)
JOIN(block_diag)
JOIN(cartesian_prod)

ST_STATUS st_broadcast_tensors(
    const In* input, int64_t input_count, at::Tensor*** list, int64_t* count) noexcept {
  return make_list(list, count, [&] { return at::broadcast_tensors(tensors(input, input_count)); });
}

ST_STATUS st_meshgrid(
    const In* input, int64_t input_count, int32_t xy, at::Tensor*** list, int64_t* count) noexcept {
  return make_list(list, count, [&] { return at::meshgrid(tensors(input, input_count), xy != 0 ? "xy" : "ij"); });
}

ST_TENSOR st_combinations(In x, int64_t r, int32_t with_replacement) noexcept {
  return make([&] { return at::combinations(*x, r, with_replacement != 0); });
}
