using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;
using static TorchSharp.torch;

namespace TorchSharp;

// native/pointwise.cpp
internal static unsafe partial class Native
{
    [LibraryImport(Library)]
    internal static partial Tensor st_abs(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_abs_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_acos(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_acos_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_acosh(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_acosh_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_asin(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_asin_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_asinh(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_asinh_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_atan(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_atan_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_atanh(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_atanh_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_bitwise_not(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_bitwise_not_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_ceil(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_ceil_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_cos(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_cos_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_cosh(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_cosh_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_deg2rad(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_deg2rad_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_digamma(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_digamma_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_erf(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_erf_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_erfc(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_erfc_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_erfinv(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_erfinv_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_exp(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_exp_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_exp2(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_exp2_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_expm1(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_expm1_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_floor(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_floor_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_frac(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_frac_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_i0(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_i0_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_lgamma(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_lgamma_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_log(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_log_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_log10(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_log10_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_log1p(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_log1p_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_log2(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_log2_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_logical_not(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_logical_not_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_neg(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_neg_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_rad2deg(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_rad2deg_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_reciprocal(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_reciprocal_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_relu(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_relu_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_rsqrt(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_rsqrt_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_sgn(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_sgn_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_sigmoid(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_sigmoid_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_sign(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_sign_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_sin(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_sin_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_sinc(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_sinc_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_sinh(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_sinh_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_sqrt(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_sqrt_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_tan(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_tan_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_tanh(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_tanh_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_trunc(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_trunc_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_conj_physical(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_conj_physical_(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_zero_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_angle(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_conj(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_isfinite(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_isinf(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_isnan(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_isneginf(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_isposinf(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_isreal(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_positive(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_resolve_conj(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_resolve_neg(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_signbit(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_square(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_real(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_imag(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_view_as_real(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_view_as_complex(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_complex(Tensor real, Tensor imag);

    [LibraryImport(Library)]
    internal static partial Tensor st_polar(Tensor abs, Tensor angle);

    [LibraryImport(Library)]
    internal static partial Tensor st_atan2(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial int st_atan2_(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_bitwise_and(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial int st_bitwise_and_(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_bitwise_or(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial int st_bitwise_or_(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_bitwise_xor(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial int st_bitwise_xor_(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_bitwise_left_shift(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial int st_bitwise_left_shift_(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_bitwise_right_shift(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial int st_bitwise_right_shift_(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_copysign(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial int st_copysign_(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_float_power(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial int st_float_power_(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_gcd(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial int st_gcd_(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_heaviside(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial int st_heaviside_(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_hypot(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial int st_hypot_(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_lcm(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial int st_lcm_(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_ldexp(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial int st_ldexp_(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_logical_and(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial int st_logical_and_(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_logical_or(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial int st_logical_or_(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_logical_xor(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial int st_logical_xor_(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_nextafter(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial int st_nextafter_(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_eq(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial int st_eq_(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_eq_scalar(Tensor x, ScalarValue other);

    [LibraryImport(Library)]
    internal static partial int st_eq_scalar_(Tensor x, ScalarValue other);

    [LibraryImport(Library)]
    internal static partial Tensor st_ne(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial int st_ne_(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_ne_scalar(Tensor x, ScalarValue other);

    [LibraryImport(Library)]
    internal static partial int st_ne_scalar_(Tensor x, ScalarValue other);

    [LibraryImport(Library)]
    internal static partial Tensor st_lt(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial int st_lt_(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_lt_scalar(Tensor x, ScalarValue other);

    [LibraryImport(Library)]
    internal static partial int st_lt_scalar_(Tensor x, ScalarValue other);

    [LibraryImport(Library)]
    internal static partial Tensor st_le(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial int st_le_(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_le_scalar(Tensor x, ScalarValue other);

    [LibraryImport(Library)]
    internal static partial int st_le_scalar_(Tensor x, ScalarValue other);

    [LibraryImport(Library)]
    internal static partial Tensor st_gt(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial int st_gt_(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_gt_scalar(Tensor x, ScalarValue other);

    [LibraryImport(Library)]
    internal static partial int st_gt_scalar_(Tensor x, ScalarValue other);

    [LibraryImport(Library)]
    internal static partial Tensor st_ge(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial int st_ge_(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_ge_scalar(Tensor x, ScalarValue other);

    [LibraryImport(Library)]
    internal static partial int st_ge_scalar_(Tensor x, ScalarValue other);

    [LibraryImport(Library)]
    internal static partial Tensor st_mul(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial int st_mul_(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_mul_scalar(Tensor x, ScalarValue other);

    [LibraryImport(Library)]
    internal static partial int st_mul_scalar_(Tensor x, ScalarValue other);

    [LibraryImport(Library)]
    internal static partial Tensor st_pow(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial int st_pow_(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_pow_scalar(Tensor x, ScalarValue other);

    [LibraryImport(Library)]
    internal static partial int st_pow_scalar_(Tensor x, ScalarValue other);

    [LibraryImport(Library)]
    internal static partial Tensor st_fmod(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial int st_fmod_(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_fmod_scalar(Tensor x, ScalarValue other);

    [LibraryImport(Library)]
    internal static partial int st_fmod_scalar_(Tensor x, ScalarValue other);

    [LibraryImport(Library)]
    internal static partial Tensor st_remainder(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial int st_remainder_(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_remainder_scalar(Tensor x, ScalarValue other);

    [LibraryImport(Library)]
    internal static partial int st_remainder_scalar_(Tensor x, ScalarValue other);

    [LibraryImport(Library)]
    internal static partial Tensor st_floor_divide(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial int st_floor_divide_(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_floor_divide_scalar(Tensor x, ScalarValue other);

    [LibraryImport(Library)]
    internal static partial int st_floor_divide_scalar_(Tensor x, ScalarValue other);

    [LibraryImport(Library)]
    internal static partial Tensor st_fmax(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_fmin(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_igamma(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_igammac(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_logaddexp(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_logaddexp2(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_maximum(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_minimum(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_xlogy(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial int st_xlogy_(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_xlogy_scalar(Tensor x, ScalarValue other);

    [LibraryImport(Library)]
    internal static partial int st_xlogy_scalar_(Tensor x, ScalarValue other);

    [LibraryImport(Library)]
    internal static partial Tensor st_add(Tensor x, Tensor other, ScalarValue alpha);

    [LibraryImport(Library)]
    internal static partial int st_add_(Tensor x, Tensor other, ScalarValue alpha);

    [LibraryImport(Library)]
    internal static partial Tensor st_add_scalar(Tensor x, ScalarValue other, ScalarValue alpha);

    [LibraryImport(Library)]
    internal static partial int st_add_scalar_(Tensor x, ScalarValue other, ScalarValue alpha);

    [LibraryImport(Library)]
    internal static partial Tensor st_sub(Tensor x, Tensor other, ScalarValue alpha);

    [LibraryImport(Library)]
    internal static partial int st_sub_(Tensor x, Tensor other, ScalarValue alpha);

    [LibraryImport(Library)]
    internal static partial Tensor st_sub_scalar(Tensor x, ScalarValue other, ScalarValue alpha);

    [LibraryImport(Library)]
    internal static partial int st_sub_scalar_(Tensor x, ScalarValue other, ScalarValue alpha);

    [LibraryImport(Library)]
    internal static partial Tensor st_rsub_scalar(Tensor x, ScalarValue other);

    [LibraryImport(Library)]
    internal static partial Tensor st_div(Tensor x, Tensor other, int mode);

    [LibraryImport(Library)]
    internal static partial int st_div_(Tensor x, Tensor other, int mode);

    [LibraryImport(Library)]
    internal static partial Tensor st_div_scalar(Tensor x, ScalarValue other, int mode);

    [LibraryImport(Library)]
    internal static partial int st_div_scalar_(Tensor x, ScalarValue other, int mode);

    [LibraryImport(Library)]
    internal static partial Tensor st_rdiv_scalar(Tensor x, ScalarValue other);

    [LibraryImport(Library)]
    internal static partial Tensor st_addcmul(Tensor x, Tensor first, Tensor second, ScalarValue value);

    [LibraryImport(Library)]
    internal static partial int st_addcmul_(Tensor x, Tensor first, Tensor second, ScalarValue value);

    [LibraryImport(Library)]
    internal static partial Tensor st_addcdiv(Tensor x, Tensor first, Tensor second, ScalarValue value);

    [LibraryImport(Library)]
    internal static partial int st_addcdiv_(Tensor x, Tensor first, Tensor second, ScalarValue value);

    [LibraryImport(Library)]
    internal static partial Tensor st_lerp(Tensor x, Tensor end, Tensor weight);

    [LibraryImport(Library)]
    internal static partial int st_lerp_(Tensor x, Tensor end, Tensor weight);

    [LibraryImport(Library)]
    internal static partial Tensor st_round(Tensor x, long decimals);

    [LibraryImport(Library)]
    internal static partial int st_round_(Tensor x, long decimals);

    [LibraryImport(Library)]
    internal static partial Tensor st_clamp_scalar(Tensor x, ScalarValue min, ScalarValue max);

    [LibraryImport(Library)]
    internal static partial int st_clamp_scalar_(Tensor x, ScalarValue min, ScalarValue max);

    [LibraryImport(Library)]
    internal static partial Tensor st_clamp(Tensor x, [MarshalUsing(typeof(OptionalTensorMarshaller))] Tensor? min, [MarshalUsing(typeof(OptionalTensorMarshaller))] Tensor? max);

    [LibraryImport(Library)]
    internal static partial int st_clamp_(Tensor x, [MarshalUsing(typeof(OptionalTensorMarshaller))] Tensor? min, [MarshalUsing(typeof(OptionalTensorMarshaller))] Tensor? max);

    [LibraryImport(Library)]
    internal static partial Tensor st_nan_to_num(Tensor x, ScalarValue nan, ScalarValue posinf, ScalarValue neginf);

    [LibraryImport(Library)]
    internal static partial Tensor st_logit(Tensor x, ScalarValue eps);

    [LibraryImport(Library)]
    internal static partial Tensor st_polygamma(long n, Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_mvlgamma(Tensor x, long p);

    [LibraryImport(Library)]
    internal static partial int st_frexp(Tensor x, nint* @out);

    [LibraryImport(Library)]
    internal static partial int st_fill_scalar_(Tensor x, ScalarValue value);

    [LibraryImport(Library)]
    internal static partial Tensor st_where(Tensor condition, Tensor x, Tensor y);

    [LibraryImport(Library)]
    internal static partial Tensor st_isclose(Tensor x, Tensor other, double rtol, double atol, int equalNan);

    [LibraryImport(Library)]
    internal static partial Tensor st_isin(Tensor x, Tensor testElements, int assumeUnique, int invert);

    [LibraryImport(Library)]
    internal static partial int st_allclose(Tensor x, Tensor other, double rtol, double atol, int equalNan);

    [LibraryImport(Library)]
    internal static partial int st_equal(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_special_ndtr(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_special_ndtri(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_special_entr(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_result_type(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial int st_can_cast(int source, int target);
}
