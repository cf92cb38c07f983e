// Element by element: arithmetic, functions, comparison, logic.
#include "abi.h"

using namespace standin;

#define UNARY(op) \
  ST_TENSOR st_##op(In x) noexcept { return make([&] { return x->op(); }); }

#define UNARY_INPLACE(op) \
  ST_STATUS st_##op##_(In x) noexcept { return attempt([&] { x->op##_(); }); }

#define UNARY_BOTH(op) UNARY(op) UNARY_INPLACE(op)

UNARY_BOTH(abs)
UNARY_BOTH(acos)
UNARY_BOTH(acosh)
UNARY_BOTH(asin)
UNARY_BOTH(asinh)
UNARY_BOTH(atan)
UNARY_BOTH(atanh)
UNARY_BOTH(bitwise_not)
UNARY_BOTH(ceil)
UNARY_BOTH(cos)
UNARY_BOTH(cosh)
UNARY_BOTH(deg2rad)
UNARY_BOTH(digamma)
UNARY_BOTH(erf)
UNARY_BOTH(erfc)
UNARY_BOTH(erfinv)
UNARY_BOTH(exp)
UNARY_BOTH(exp2)
UNARY_BOTH(expm1)
UNARY_BOTH(floor)
UNARY_BOTH(frac)
UNARY_BOTH(i0)
UNARY_BOTH(lgamma)
UNARY_BOTH(log)
UNARY_BOTH(log10)
UNARY_BOTH(log1p)
UNARY_BOTH(log2)
UNARY_BOTH(logical_not)
UNARY_BOTH(neg)
UNARY_BOTH(rad2deg)
UNARY_BOTH(reciprocal)
UNARY_BOTH(relu)
UNARY_BOTH(rsqrt)
UNARY_BOTH(sgn)
UNARY_BOTH(sigmoid)
UNARY_BOTH(sign)
UNARY_BOTH(sin)
UNARY_BOTH(sinc)
UNARY_BOTH(sinh)
UNARY_BOTH(sqrt)
UNARY_BOTH(tan)
UNARY_BOTH(tanh)
UNARY_BOTH(trunc)
UNARY_BOTH(conj_physical)
UNARY_INPLACE(zero)
UNARY(angle)
UNARY(conj)
UNARY(isfinite)
UNARY(isinf)
UNARY(isnan)
UNARY(isneginf)
UNARY(isposinf)
UNARY(isreal)
UNARY(positive)
UNARY(resolve_conj)
UNARY(resolve_neg)
UNARY(signbit)
UNARY(square)

ST_TENSOR st_real(In x) noexcept {
  return make([&] { return at::real(*x); });
}

ST_TENSOR st_imag(In x) noexcept {
  return make([&] { return at::imag(*x); });
}

ST_TENSOR st_view_as_real(In x) noexcept {
  return make([&] { return at::view_as_real(*x); });
}

ST_TENSOR st_view_as_complex(In x) noexcept {
  return make([&] { return at::view_as_complex(*x); });
}

ST_TENSOR st_complex(In real, In imag) noexcept {
  return make([&] { return at::complex(*real, *imag); });
}

ST_TENSOR st_polar(In abs, In angle) noexcept {
  return make([&] { return at::polar(*abs, *angle); });
}

#define BINARY(op) \
  ST_TENSOR st_##op(In x, In other) noexcept { return make([&] { return x->op(*other); }); }

#define BINARY_INPLACE(op) \
  ST_STATUS st_##op##_(In x, In other) noexcept { return attempt([&] { x->op##_(*other); }); }

#define BINARY_BOTH(op) BINARY(op) BINARY_INPLACE(op)

#define BINARY_SCALAR(op)                                  \
  ST_TENSOR st_##op##_scalar(In x, ScalarValue other) noexcept { \
    return make([&] { return x->op(scalar(other)); });     \
  }                                                        \
  ST_STATUS st_##op##_scalar_(In x, ScalarValue other) noexcept { \
    return attempt([&] { x->op##_(scalar(other)); });      \
  }

#define BINARY_ALL(op) BINARY_BOTH(op) BINARY_SCALAR(op)

BINARY_BOTH(atan2)
BINARY_BOTH(bitwise_and)
BINARY_BOTH(bitwise_or)
BINARY_BOTH(bitwise_xor)
BINARY_BOTH(bitwise_left_shift)
BINARY_BOTH(bitwise_right_shift)
BINARY_BOTH(copysign)
BINARY_BOTH(float_power)
BINARY_BOTH(gcd)
BINARY_BOTH(heaviside)
BINARY_BOTH(hypot)
BINARY_BOTH(lcm)
BINARY_BOTH(ldexp)
BINARY_BOTH(logical_and)
BINARY_BOTH(logical_or)
BINARY_BOTH(logical_xor)
BINARY_BOTH(nextafter)
BINARY_ALL(eq)
BINARY_ALL(ne)
BINARY_ALL(lt)
BINARY_ALL(le)
BINARY_ALL(gt)
BINARY_ALL(ge)
BINARY_ALL(mul)
BINARY_ALL(pow)
BINARY_ALL(fmod)
BINARY_ALL(remainder)
BINARY_ALL(floor_divide)
BINARY(fmax)
BINARY(fmin)
BINARY(igamma)
BINARY(igammac)
BINARY(logaddexp)
BINARY(logaddexp2)
BINARY(maximum)
BINARY(minimum)
BINARY_BOTH(xlogy)

ST_TENSOR st_xlogy_scalar(In x, ScalarValue other) noexcept {
  return make([&] { return at::xlogy(*x, scalar(other)); });
}

ST_STATUS st_xlogy_scalar_(In x, ScalarValue other) noexcept {
  return attempt([&] { x->xlogy_(scalar(other)); });
}

#define WITH_ALPHA(op)                                                              \
  ST_TENSOR st_##op(In x, In other, ScalarValue alpha) noexcept {                    \
    return make([&] { return x->op(*other, scalar(alpha)); });                      \
  }                                                                                 \
  ST_STATUS st_##op##_(In x, In other, ScalarValue alpha) noexcept {                 \
    return attempt([&] { x->op##_(*other, scalar(alpha)); });                       \
  }                                                                                 \
  ST_TENSOR st_##op##_scalar(In x, ScalarValue other, ScalarValue alpha) noexcept {  \
    return make([&] { return x->op(scalar(other), scalar(alpha)); });               \
  }                                                                                 \
  ST_STATUS st_##op##_scalar_(In x, ScalarValue other, ScalarValue alpha) noexcept { \
    return attempt([&] { x->op##_(scalar(other), scalar(alpha)); });                \
  }

WITH_ALPHA(add)
WITH_ALPHA(sub)

// scalar - x
ST_TENSOR st_rsub_scalar(In x, ScalarValue other) noexcept {
  return make([&] { return at::rsub(*x, scalar(other)); });
}

namespace {

// mode: 0 exact, 1 towards zero, 2 down
template <class Number>
at::Tensor quotient(const at::Tensor& x, const Number& other, int32_t mode) {
  if (mode == 0) return x.div(other);
  return x.div(other, mode == 1 ? "trunc" : "floor");
}

template <class Number>
void divide(const at::Tensor& x, const Number& other, int32_t mode) {
  mode == 0 ? x.div_(other) : x.div_(other, mode == 1 ? "trunc" : "floor");
}

}  // namespace

ST_TENSOR st_div(In x, In other, int32_t mode) noexcept {
  return make([&] { return quotient(*x, *other, mode); });
}

ST_STATUS st_div_(In x, In other, int32_t mode) noexcept {
  return attempt([&] { divide(*x, *other, mode); });
}

ST_TENSOR st_div_scalar(In x, ScalarValue other, int32_t mode) noexcept {
  return make([&] { return quotient(*x, scalar(other), mode); });
}

ST_STATUS st_div_scalar_(In x, ScalarValue other, int32_t mode) noexcept {
  return attempt([&] { divide(*x, scalar(other), mode); });
}

// scalar / x
ST_TENSOR st_rdiv_scalar(In x, ScalarValue other) noexcept {
  return make([&] { return scalar(other) / *x; });
}

ST_TENSOR st_addcmul(In x, In first, In second, ScalarValue value) noexcept {
  return make([&] { return x->addcmul(*first, *second, scalar(value)); });
}

ST_STATUS st_addcmul_(In x, In first, In second, ScalarValue value) noexcept {
  return attempt([&] { x->addcmul_(*first, *second, scalar(value)); });
}

ST_TENSOR st_addcdiv(In x, In first, In second, ScalarValue value) noexcept {
  return make([&] { return x->addcdiv(*first, *second, scalar(value)); });
}

ST_STATUS st_addcdiv_(In x, In first, In second, ScalarValue value) noexcept {
  return attempt([&] { x->addcdiv_(*first, *second, scalar(value)); });
}

ST_TENSOR st_lerp(In x, In end, In weight) noexcept {
  return make([&] { return x->lerp(*end, *weight); });
}

ST_STATUS st_lerp_(In x, In end, In weight) noexcept {
  return attempt([&] { x->lerp_(*end, *weight); });
}

ST_TENSOR st_round(In x, int64_t decimals) noexcept {
  return make([&] { return decimals == 0 ? x->round() : x->round(decimals); });
}

ST_STATUS st_round_(In x, int64_t decimals) noexcept {
  return attempt([&] { decimals == 0 ? x->round_() : x->round_(decimals); });
}

ST_TENSOR st_clamp_scalar(In x, ScalarValue min, ScalarValue max) noexcept {
  return make([&] { return x->clamp(optional_scalar(min), optional_scalar(max)); });
}

ST_STATUS st_clamp_scalar_(In x, ScalarValue min, ScalarValue max) noexcept {
  return attempt([&] { x->clamp_(optional_scalar(min), optional_scalar(max)); });
}

ST_TENSOR st_clamp(In x, Opt min, Opt max) noexcept {
  return make([&] { return x->clamp(tensor_or_none(min), tensor_or_none(max)); });
}

ST_STATUS st_clamp_(In x, Opt min, Opt max) noexcept {
  return attempt([&] { x->clamp_(tensor_or_none(min), tensor_or_none(max)); });
}

ST_TENSOR st_nan_to_num(In x, ScalarValue nan, ScalarValue posinf, ScalarValue neginf) noexcept {
  return make([&] {
    const auto value = [](const ScalarValue& v) { return v.kind == 0 ? optional<double>() : optional<double>(v.real); };
    return x->nan_to_num(value(nan), value(posinf), value(neginf));
  });
}

ST_TENSOR st_logit(In x, ScalarValue eps) noexcept {
  return make([&] { return x->logit(eps.kind == 0 ? optional<double>() : optional<double>(eps.real)); });
}

ST_TENSOR st_polygamma(int64_t n, In x) noexcept {
  return make([&] { return at::polygamma(n, *x); });
}

ST_TENSOR st_mvlgamma(In x, int64_t p) noexcept {
  return make([&] { return x->mvlgamma(p); });
}

ST_STATUS st_frexp(In x, Out out) noexcept {
  return make_tuple(out, [&] { return at::frexp(*x); });
}

ST_STATUS st_fill_scalar_(In x, ScalarValue value) noexcept {
  return attempt([&] { x->fill_(scalar(value)); });
}

ST_TENSOR st_where(In condition, In x, In y) noexcept {
  return make([&] { return at::where(*condition, *x, *y); });
}

ST_TENSOR st_isclose(In x, In other, double rtol, double atol, int32_t equal_nan) noexcept {
  return make([&] { return x->isclose(*other, rtol, atol, equal_nan != 0); });
}

ST_TENSOR st_isin(In x, In test_elements, int32_t assume_unique, int32_t invert) noexcept {
  return make([&] { return at::isin(*x, *test_elements, assume_unique != 0, invert != 0); });
}

// 1 or 0; -1 after a failure.
ST_EXPORT int32_t st_allclose(In x, In other, double rtol, double atol, int32_t equal_nan) noexcept {
  return value_or(int32_t{-1}, [&] { return x->allclose(*other, rtol, atol, equal_nan != 0) ? 1 : 0; });
}

ST_EXPORT int32_t st_equal(In x, In other) noexcept {
  return value_or(int32_t{-1}, [&] { return x->equal(*other) ? 1 : 0; });
}

ST_TENSOR st_special_ndtr(In x) noexcept {
  return make([&] { return at::special_ndtr(*x); });
}

ST_TENSOR st_special_ndtri(In x) noexcept {
  return make([&] { return at::special_ndtri(*x); });
}

ST_TENSOR st_special_entr(In x) noexcept {
  return make([&] { return at::special_entr(*x); });
}

ST_EXPORT int32_t st_result_type(In x, In other) noexcept {
  return value_or(int32_t{-1}, [&] { return at::result_type(*x, *other); });
}

ST_EXPORT int32_t st_can_cast(int32_t source, int32_t target) noexcept {
  return value_or(int32_t{0}, [&] {
    return at::can_cast(static_cast<at::ScalarType>(source), static_cast<at::ScalarType>(target));
  });
}
