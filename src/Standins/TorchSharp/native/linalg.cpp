// Products, decompositions, solvers.
#include "abi.h"

using namespace standin;

#define PRODUCT(op) \
  ST_TENSOR st_##op(In x, In other) noexcept { return make([&] { return x->op(*other); }); }

PRODUCT(matmul)
PRODUCT(mm)
PRODUCT(mv)
PRODUCT(bmm)
PRODUCT(dot)
PRODUCT(vdot)
PRODUCT(outer)
PRODUCT(inner)
PRODUCT(kron)

#define ADD_PRODUCT(op)                                                                    \
  ST_TENSOR st_##op(In x, In first, In second, double beta, double alpha) noexcept {       \
    return make([&] { return x->op(*first, *second, beta, alpha); });                      \
  }                                                                                        \
  ST_STATUS st_##op##_(In x, In first, In second, double beta, double alpha) noexcept {    \
    return attempt([&] { x->op##_(*first, *second, beta, alpha); });                       \
  }

ADD_PRODUCT(addmm)
ADD_PRODUCT(addmv)
ADD_PRODUCT(addbmm)
ADD_PRODUCT(baddbmm)
ADD_PRODUCT(addr)

ST_TENSOR st_einsum(const char* equation, const In* list, int64_t count) noexcept {
  return make([&] { return at::einsum(equation, tensors(list, count)); });
}

ST_TENSOR st_tensordot(In x, In other, Ints dims1, int64_t dims1_n, Ints dims2, int64_t dims2_n) noexcept {
  return make([&] { return at::tensordot(*x, *other, ints(dims1, dims1_n), ints(dims2, dims2_n)); });
}

ST_TENSOR st_chain_matmul(const In* list, int64_t count) noexcept {
  return make([&] { return at::linalg_multi_dot(tensors(list, count)); });
}

ST_TENSOR st_cdist(In x, In other, double p, int64_t compute_mode) noexcept {
  return make([&] { return at::cdist(*x, *other, p, optional<int64_t>(compute_mode)); });
}

ST_TENSOR st_cross(In x, In other, int64_t dim) noexcept {
  return make([&] { return at::linalg_cross(*x, *other, dim); });
}

ST_TENSOR st_matrix_power(In x, int64_t n) noexcept {
  return make([&] { return at::linalg_matrix_power(*x, n); });
}

ST_TENSOR st_matrix_exp(In x) noexcept {
  return make([&] { return at::linalg_matrix_exp(*x); });
}

ST_STATUS st_svd(In x, int32_t full_matrices, Out out) noexcept {
  return make_tuple(out, [&] { return at::linalg_svd(*x, full_matrices != 0); });
}

ST_TENSOR st_svdvals(In x) noexcept {
  return make([&] { return at::linalg_svdvals(*x); });
}

ST_STATUS st_qr(In x, const char* mode, Out out) noexcept {
  return make_tuple(out, [&] { return at::linalg_qr(*x, mode); });
}

ST_STATUS st_eigh(In x, const char* uplo, Out out) noexcept {
  return make_tuple(out, [&] { return at::linalg_eigh(*x, uplo); });
}

ST_TENSOR st_eigvalsh(In x, const char* uplo) noexcept {
  return make([&] { return at::linalg_eigvalsh(*x, uplo); });
}

ST_STATUS st_eig(In x, Out out) noexcept {
  return make_tuple(out, [&] { return at::linalg_eig(*x); });
}

ST_TENSOR st_eigvals(In x) noexcept {
  return make([&] { return at::linalg_eigvals(*x); });
}

ST_TENSOR st_cholesky(In x, int32_t upper) noexcept {
  return make([&] { return at::linalg_cholesky(*x, upper != 0); });
}

ST_STATUS st_cholesky_ex(In x, int32_t check_errors, Out out) noexcept {
  return make_tuple(out, [&] { return at::linalg_cholesky_ex(*x, false, check_errors != 0); });
}

ST_TENSOR st_cholesky_inverse(In x, int32_t upper) noexcept {
  return make([&] { return x->cholesky_inverse(upper != 0); });
}

ST_TENSOR st_cholesky_solve(In x, In factor, int32_t upper) noexcept {
  return make([&] { return x->cholesky_solve(*factor, upper != 0); });
}

ST_TENSOR st_solve(In a, In b, int32_t left) noexcept {
  return make([&] { return at::linalg_solve(*a, *b, left != 0); });
}

ST_TENSOR st_solve_triangular(In a, In b, int32_t upper, int32_t left, int32_t unitriangular) noexcept {
  return make([&] { return at::linalg_solve_triangular(*a, *b, upper != 0, left != 0, unitriangular != 0); });
}

ST_STATUS st_lstsq(In a, In b, ScalarValue rcond, Out out) noexcept {
  return make_tuple(out, [&] {
    return at::linalg_lstsq(*a, *b, rcond.kind == 0 ? optional<double>() : optional<double>(rcond.real));
  });
}

ST_TENSOR st_inv(In x) noexcept {
  return make([&] { return at::linalg_inv(*x); });
}

ST_STATUS st_inv_ex(In x, int32_t check_errors, Out out) noexcept {
  return make_tuple(out, [&] { return at::linalg_inv_ex(*x, check_errors != 0); });
}

ST_TENSOR st_pinv(In x, ScalarValue atol, ScalarValue rtol, int32_t hermitian) noexcept {
  return make([&] {
    const auto value = [](const ScalarValue& v) { return v.kind == 0 ? optional<double>() : optional<double>(v.real); };
    return at::linalg_pinv(*x, value(atol), value(rtol), hermitian != 0);
  });
}

ST_TENSOR st_pinv_rcond(In x, double rcond, int32_t hermitian) noexcept {
  return make([&] { return at::linalg_pinv(*x, rcond, hermitian != 0); });
}

ST_TENSOR st_det(In x) noexcept {
  return make([&] { return at::linalg_det(*x); });
}

ST_TENSOR st_logdet(In x) noexcept {
  return make([&] { return at::logdet(*x); });
}

ST_STATUS st_slogdet(In x, Out out) noexcept {
  return make_tuple(out, [&] { return at::linalg_slogdet(*x); });
}

ST_TENSOR st_matrix_rank(In x, ScalarValue atol, ScalarValue rtol, int32_t hermitian) noexcept {
  return make([&] {
    const auto value = [](const ScalarValue& v) { return v.kind == 0 ? optional<double>() : optional<double>(v.real); };
    return at::linalg_matrix_rank(*x, value(atol), value(rtol), hermitian != 0);
  });
}

ST_TENSOR st_linalg_norm(
    In x, ScalarValue ord, const char* named_ord, Ints dims, int64_t dims_n, int32_t keepdim) noexcept {
  return make([&] {
    const auto over = dims_n < 0 ? at::OptionalIntArrayRef() : at::OptionalIntArrayRef(ints(dims, dims_n));
    return named_ord != nullptr ? at::linalg_norm(*x, named_ord, over, keepdim != 0)
                                : at::linalg_norm(*x, optional_scalar(ord), over, keepdim != 0);
  });
}

ST_TENSOR st_vector_norm(In x, ScalarValue ord, Ints dims, int64_t dims_n, int32_t keepdim) noexcept {
  return make([&] {
    const auto over = dims_n < 0 ? at::OptionalIntArrayRef() : at::OptionalIntArrayRef(ints(dims, dims_n));
    return at::linalg_vector_norm(*x, scalar(ord), over, keepdim != 0);
  });
}

ST_TENSOR st_matrix_norm(
    In x, ScalarValue ord, const char* named_ord, Ints dims, int64_t dims_n, int32_t keepdim) noexcept {
  return make([&] {
    return named_ord != nullptr ? at::linalg_matrix_norm(*x, named_ord, ints(dims, dims_n), keepdim != 0)
                                : at::linalg_matrix_norm(*x, scalar(ord), ints(dims, dims_n), keepdim != 0);
  });
}

ST_TENSOR st_cond(In x, ScalarValue p) noexcept {
  return make([&] { return at::linalg_cond(*x, optional_scalar(p)); });
}

ST_STATUS st_lu_factor(In x, int32_t pivot, Out out) noexcept {
  return make_tuple(out, [&] { return at::linalg_lu_factor(*x, pivot != 0); });
}

ST_TENSOR st_householder_product(In x, In tau) noexcept {
  return make([&] { return at::linalg_householder_product(*x, *tau); });
}

ST_TENSOR st_vander(In x, int64_t n, int32_t has_n) noexcept {
  return make([&] { return at::linalg_vander(*x, int_or_none(n, has_n)); });
}
