namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor abs() => Native.st_abs(this);

        public Tensor abs_() => Done(Native.st_abs_(this));

        public Tensor acos() => Native.st_acos(this);

        public Tensor acos_() => Done(Native.st_acos_(this));

        public Tensor acosh() => Native.st_acosh(this);

        public Tensor acosh_() => Done(Native.st_acosh_(this));

        public Tensor asin() => Native.st_asin(this);

        public Tensor asin_() => Done(Native.st_asin_(this));

        public Tensor asinh() => Native.st_asinh(this);

        public Tensor asinh_() => Done(Native.st_asinh_(this));

        public Tensor atan() => Native.st_atan(this);

        public Tensor atan_() => Done(Native.st_atan_(this));

        public Tensor atanh() => Native.st_atanh(this);

        public Tensor atanh_() => Done(Native.st_atanh_(this));

        public Tensor bitwise_not() => Native.st_bitwise_not(this);

        public Tensor bitwise_not_() => Done(Native.st_bitwise_not_(this));

        public Tensor ceil() => Native.st_ceil(this);

        public Tensor ceil_() => Done(Native.st_ceil_(this));

        public Tensor cos() => Native.st_cos(this);

        public Tensor cos_() => Done(Native.st_cos_(this));

        public Tensor cosh() => Native.st_cosh(this);

        public Tensor cosh_() => Done(Native.st_cosh_(this));

        public Tensor deg2rad() => Native.st_deg2rad(this);

        public Tensor deg2rad_() => Done(Native.st_deg2rad_(this));

        public Tensor digamma() => Native.st_digamma(this);

        public Tensor digamma_() => Done(Native.st_digamma_(this));

        public Tensor erf() => Native.st_erf(this);

        public Tensor erf_() => Done(Native.st_erf_(this));

        public Tensor erfc() => Native.st_erfc(this);

        public Tensor erfc_() => Done(Native.st_erfc_(this));

        public Tensor erfinv() => Native.st_erfinv(this);

        public Tensor erfinv_() => Done(Native.st_erfinv_(this));

        public Tensor exp() => Native.st_exp(this);

        public Tensor exp_() => Done(Native.st_exp_(this));

        public Tensor exp2() => Native.st_exp2(this);

        public Tensor exp2_() => Done(Native.st_exp2_(this));

        public Tensor expm1() => Native.st_expm1(this);

        public Tensor expm1_() => Done(Native.st_expm1_(this));

        public Tensor floor() => Native.st_floor(this);

        public Tensor floor_() => Done(Native.st_floor_(this));

        public Tensor frac() => Native.st_frac(this);

        public Tensor frac_() => Done(Native.st_frac_(this));

        public Tensor i0() => Native.st_i0(this);

        public Tensor i0_() => Done(Native.st_i0_(this));

        public Tensor lgamma() => Native.st_lgamma(this);

        public Tensor lgamma_() => Done(Native.st_lgamma_(this));

        public Tensor log() => Native.st_log(this);

        public Tensor log_() => Done(Native.st_log_(this));

        public Tensor log10() => Native.st_log10(this);

        public Tensor log10_() => Done(Native.st_log10_(this));

        public Tensor log1p() => Native.st_log1p(this);

        public Tensor log1p_() => Done(Native.st_log1p_(this));

        public Tensor log2() => Native.st_log2(this);

        public Tensor log2_() => Done(Native.st_log2_(this));

        public Tensor logical_not() => Native.st_logical_not(this);

        public Tensor logical_not_() => Done(Native.st_logical_not_(this));

        public Tensor neg() => Native.st_neg(this);

        public Tensor neg_() => Done(Native.st_neg_(this));

        public Tensor rad2deg() => Native.st_rad2deg(this);

        public Tensor rad2deg_() => Done(Native.st_rad2deg_(this));

        public Tensor reciprocal() => Native.st_reciprocal(this);

        public Tensor reciprocal_() => Done(Native.st_reciprocal_(this));

        public Tensor relu() => Native.st_relu(this);

        public Tensor relu_() => Done(Native.st_relu_(this));

        public Tensor rsqrt() => Native.st_rsqrt(this);

        public Tensor rsqrt_() => Done(Native.st_rsqrt_(this));

        public Tensor sgn() => Native.st_sgn(this);

        public Tensor sgn_() => Done(Native.st_sgn_(this));

        public Tensor sigmoid() => Native.st_sigmoid(this);

        public Tensor sigmoid_() => Done(Native.st_sigmoid_(this));

        public Tensor sign() => Native.st_sign(this);

        public Tensor sign_() => Done(Native.st_sign_(this));

        public Tensor sin() => Native.st_sin(this);

        public Tensor sin_() => Done(Native.st_sin_(this));

        public Tensor sinc() => Native.st_sinc(this);

        public Tensor sinc_() => Done(Native.st_sinc_(this));

        public Tensor sinh() => Native.st_sinh(this);

        public Tensor sinh_() => Done(Native.st_sinh_(this));

        public Tensor sqrt() => Native.st_sqrt(this);

        public Tensor sqrt_() => Done(Native.st_sqrt_(this));

        public Tensor tan() => Native.st_tan(this);

        public Tensor tan_() => Done(Native.st_tan_(this));

        public Tensor tanh() => Native.st_tanh(this);

        public Tensor tanh_() => Done(Native.st_tanh_(this));

        public Tensor trunc() => Native.st_trunc(this);

        public Tensor trunc_() => Done(Native.st_trunc_(this));

        public Tensor absolute() => Native.st_abs(this);

        public Tensor absolute_() => Done(Native.st_abs_(this));

        public Tensor arccos() => Native.st_acos(this);

        public Tensor arccos_() => Done(Native.st_acos_(this));

        public Tensor arcsin() => Native.st_asin(this);

        public Tensor arcsin_() => Done(Native.st_asin_(this));

        public Tensor arctan() => Native.st_atan(this);

        public Tensor arctan_() => Done(Native.st_atan_(this));

        public Tensor arccosh() => Native.st_acosh(this);

        public Tensor arccosh_() => Done(Native.st_acosh_(this));

        public Tensor arcsinh() => Native.st_asinh(this);

        public Tensor arcsinh_() => Done(Native.st_asinh_(this));

        public Tensor arctanh() => Native.st_atanh(this);

        public Tensor arctanh_() => Done(Native.st_atanh_(this));

        public Tensor negative() => Native.st_neg(this);

        public Tensor fix() => Native.st_trunc(this);

        public Tensor fix_() => Done(Native.st_trunc_(this));

        public Tensor angle() => Native.st_angle(this);

        public Tensor conj() => Native.st_conj(this);

        public Tensor isfinite() => Native.st_isfinite(this);

        public Tensor isinf() => Native.st_isinf(this);

        public Tensor isnan() => Native.st_isnan(this);

        public Tensor isneginf() => Native.st_isneginf(this);

        public Tensor isposinf() => Native.st_isposinf(this);

        public Tensor isreal() => Native.st_isreal(this);

        public Tensor positive() => Native.st_positive(this);

        public Tensor resolve_conj() => Native.st_resolve_conj(this);

        public Tensor resolve_neg() => Native.st_resolve_neg(this);

        public Tensor signbit() => Native.st_signbit(this);

        public Tensor square() => Native.st_square(this);

        public Tensor conj_physical() => Native.st_conj_physical(this);

        public Tensor conj_physical_() => Done(Native.st_conj_physical_(this));

        public Tensor zero_() => Done(Native.st_zero_(this));

        public Tensor round(long decimals = 0) => Native.st_round(this, decimals);

        public Tensor round_(long decimals = 0) => Done(Native.st_round_(this, decimals));

        public Tensor fill_(Scalar value) => Done(Native.st_fill_scalar_(this, value));

        public Tensor clamp(Scalar? min = null, Scalar? max = null) => Native.st_clamp_scalar(this, ScalarValue.Optional(min), ScalarValue.Optional(max));

        public Tensor clamp_(Scalar? min = null, Scalar? max = null) => Done(Native.st_clamp_scalar_(this, ScalarValue.Optional(min), ScalarValue.Optional(max)));

        public Tensor clamp(Tensor? min = null, Tensor? max = null) => Native.st_clamp(this, min, max);

        public Tensor clamp_(Tensor? min = null, Tensor? max = null) => Done(Native.st_clamp_(this, min, max));

        public Tensor clip(Scalar? min = null, Scalar? max = null) => clamp(min, max);

        public Tensor clamp_max(Scalar max) => Native.st_clamp_scalar(this, default, max);

        public Tensor clamp_max_(Scalar max) => Done(Native.st_clamp_scalar_(this, default, max));

        public Tensor clamp_min(Scalar min) => Native.st_clamp_scalar(this, min, default);

        public Tensor clamp_min_(Scalar min) => Done(Native.st_clamp_scalar_(this, min, default));

        public Tensor nan_to_num(double nan = 0, double? posinf = null, double? neginf = null) => Native.st_nan_to_num(this, nan, ScalarValue.Optional(posinf), ScalarValue.Optional(neginf));

        public Tensor logit(double? eps = null) => Native.st_logit(this, ScalarValue.Optional(eps));

        public Tensor polygamma(long p) => Native.st_polygamma(p, this);

        public Tensor mvlgamma(long p) => Native.st_mvlgamma(this, p);

        public Tensor softplus(double beta = 1, double threshold = 20) => Native.st_softplus(this, beta, threshold);

        public Tensor softmax(long dim, ScalarType? dtype = null) => Native.st_softmax(this, dim, Type(dtype));

        public Tensor log_softmax(long dim, ScalarType? dtype = null) => Native.st_log_softmax(this, dim, Type(dtype));

        public Tensor relu6() => Native.st_relu6(this);

        public Tensor relu6_() => Done(Native.st_relu6_(this));

        public Tensor selu() => Native.st_selu(this);

        public Tensor selu_() => Done(Native.st_selu_(this));

        public Tensor silu() => Native.st_silu(this);

        public Tensor silu_() => Done(Native.st_silu_(this));

        public Tensor gelu() => Native.st_gelu(this);

        public Tensor gelu_() => Done(Native.st_gelu_(this));

        public Tensor glu(long dim = -1) => Native.st_glu(this, dim);

        public Tensor hardsigmoid() => Native.st_hardsigmoid(this);

        public Tensor hardsigmoid_() => Done(Native.st_hardsigmoid_(this));

        public Tensor hardswish() => Native.st_hardswish(this);

        public Tensor hardswish_() => Done(Native.st_hardswish_(this));

        public Tensor hardtanh(Scalar min, Scalar max) => Native.st_hardtanh(this, min, max);

        public Tensor hardtanh_(Scalar min, Scalar max) => Done(Native.st_hardtanh_(this, min, max));

        public Tensor log_sigmoid() => Native.st_log_sigmoid(this);

        public Tensor elu(double alpha = 1) => Native.st_elu(this, alpha, 1.0, 1.0);

        public Tensor elu_(double alpha = 1) => Done(Native.st_elu_(this, alpha, 1.0, 1.0));

        public Tensor elu(Scalar alpha, Scalar scale, Scalar input_scale) => Native.st_elu(this, alpha, scale, input_scale);

        public Tensor elu_(Scalar alpha, Scalar scale, Scalar input_scale) => Done(Native.st_elu_(this, alpha, scale, input_scale));

        public Tensor celu() => Native.st_celu(this, 1.0);

        public Tensor celu_() => Done(Native.st_celu_(this, 1.0));

        public Tensor celu(Scalar alpha) => Native.st_celu(this, alpha);

        public Tensor celu_(Scalar alpha) => Done(Native.st_celu_(this, alpha));

        public Tensor leaky_relu(Scalar negative_slope) => Native.st_leaky_relu(this, negative_slope);

        public Tensor leaky_relu_(Scalar negative_slope) => Done(Native.st_leaky_relu_(this, negative_slope));

        public Tensor threshold(Scalar threshold, Scalar value) => Native.st_threshold(this, threshold, value);

        public Tensor threshold_(Scalar threshold, Scalar value) => Done(Native.st_threshold_(this, threshold, value));

        public Tensor prelu(Tensor target) => Native.st_prelu(this, target);
    }
}
