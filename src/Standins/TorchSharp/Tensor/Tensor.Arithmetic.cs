namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor bitwise_and(Tensor other) => Native.st_bitwise_and(this, other);

        public Tensor bitwise_and_(Tensor other) => Done(Native.st_bitwise_and_(this, other));

        public Tensor bitwise_or(Tensor other) => Native.st_bitwise_or(this, other);

        public Tensor bitwise_or_(Tensor other) => Done(Native.st_bitwise_or_(this, other));

        public Tensor bitwise_xor(Tensor other) => Native.st_bitwise_xor(this, other);

        public Tensor bitwise_xor_(Tensor other) => Done(Native.st_bitwise_xor_(this, other));

        public Tensor bitwise_left_shift(Tensor other) => Native.st_bitwise_left_shift(this, other);

        public Tensor bitwise_left_shift_(Tensor other) => Done(Native.st_bitwise_left_shift_(this, other));

        public Tensor bitwise_right_shift(Tensor other) => Native.st_bitwise_right_shift(this, other);

        public Tensor bitwise_right_shift_(Tensor other) => Done(Native.st_bitwise_right_shift_(this, other));

        public Tensor copysign(Tensor other) => Native.st_copysign(this, other);

        public Tensor copysign_(Tensor other) => Done(Native.st_copysign_(this, other));

        public Tensor float_power(Tensor target) => Native.st_float_power(this, target);

        public Tensor float_power_(Tensor target) => Done(Native.st_float_power_(this, target));

        public Tensor gcd(Tensor other) => Native.st_gcd(this, other);

        public Tensor gcd_(Tensor other) => Done(Native.st_gcd_(this, other));

        public Tensor heaviside(Tensor other) => Native.st_heaviside(this, other);

        public Tensor heaviside_(Tensor other) => Done(Native.st_heaviside_(this, other));

        public Tensor lcm(Tensor other) => Native.st_lcm(this, other);

        public Tensor lcm_(Tensor other) => Done(Native.st_lcm_(this, other));

        public Tensor ldexp(Tensor other) => Native.st_ldexp(this, other);

        public Tensor ldexp_(Tensor other) => Done(Native.st_ldexp_(this, other));

        public Tensor logical_and(Tensor other) => Native.st_logical_and(this, other);

        public Tensor logical_and_(Tensor other) => Done(Native.st_logical_and_(this, other));

        public Tensor logical_or(Tensor other) => Native.st_logical_or(this, other);

        public Tensor logical_or_(Tensor other) => Done(Native.st_logical_or_(this, other));

        public Tensor logical_xor(Tensor other) => Native.st_logical_xor(this, other);

        public Tensor logical_xor_(Tensor other) => Done(Native.st_logical_xor_(this, other));

        public Tensor nextafter(Tensor other) => Native.st_nextafter(this, other);

        public Tensor nextafter_(Tensor other) => Done(Native.st_nextafter_(this, other));

        public Tensor xlogy(Tensor y) => Native.st_xlogy(this, y);

        public Tensor xlogy_(Tensor y) => Done(Native.st_xlogy_(this, y));

        public Tensor atan2(Tensor other) => Native.st_atan2(this, other);

        public Tensor atan2_(Tensor other) => Done(Native.st_atan2_(this, other));

        public Tensor arctan2(Tensor other) => Native.st_atan2(this, other);

        public Tensor arctan2_(Tensor other) => Done(Native.st_atan2_(this, other));

        public Tensor arctan(Tensor other) => Native.st_atan2(this, other);

        public Tensor arctan_(Tensor other) => Done(Native.st_atan2_(this, other));

        public Tensor fmax(Tensor other) => Native.st_fmax(this, other);

        public Tensor fmin(Tensor other) => Native.st_fmin(this, other);

        public Tensor hypot(Tensor other) => Native.st_hypot(this, other);

        public Tensor igamma(Tensor other) => Native.st_igamma(this, other);

        public Tensor igammac(Tensor other) => Native.st_igammac(this, other);

        public Tensor logaddexp(Tensor other) => Native.st_logaddexp(this, other);

        public Tensor logaddexp2(Tensor other) => Native.st_logaddexp2(this, other);

        public Tensor maximum(Tensor other) => Native.st_maximum(this, other);

        public Tensor minimum(Tensor other) => Native.st_minimum(this, other);

        /// <summary>The larger of each pair of elements.</summary>
        public Tensor max(Tensor other) => Native.st_maximum(this, other);

        /// <summary>The smaller of each pair of elements.</summary>
        public Tensor min(Tensor other) => Native.st_minimum(this, other);

        public Tensor fmod(Tensor target) => Native.st_fmod(this, target);

        public Tensor fmod_(Tensor target) => Done(Native.st_fmod_(this, target));

        public Tensor fmod(Scalar scalar) => Native.st_fmod_scalar(this, scalar);

        public Tensor fmod_(Scalar scalar) => Done(Native.st_fmod_scalar_(this, scalar));

        public Tensor remainder(Tensor target) => Native.st_remainder(this, target);

        public Tensor remainder_(Tensor target) => Done(Native.st_remainder_(this, target));

        public Tensor remainder(Scalar scalar) => Native.st_remainder_scalar(this, scalar);

        public Tensor remainder_(Scalar scalar) => Done(Native.st_remainder_scalar_(this, scalar));

        public Tensor floor_divide(Tensor other) => Native.st_floor_divide(this, other);

        public Tensor floor_divide_(Tensor other) => Done(Native.st_floor_divide_(this, other));

        public Tensor floor_divide(Scalar other) => Native.st_floor_divide_scalar(this, other);

        public Tensor floor_divide_(Scalar other) => Done(Native.st_floor_divide_scalar_(this, other));

        public Tensor pow(Tensor exponent) => Native.st_pow(this, exponent);

        public Tensor pow_(Tensor exponent) => Done(Native.st_pow_(this, exponent));

        public Tensor pow(Scalar exponent) => Native.st_pow_scalar(this, exponent);

        public Tensor pow_(Scalar exponent) => Done(Native.st_pow_scalar_(this, exponent));

        public Tensor mul(Tensor target) => Native.st_mul(this, target);

        public Tensor mul(Scalar target) => Native.st_mul_scalar(this, target);

        public Tensor multiply(Tensor target) => Native.st_mul(this, target);

        public Tensor multiply(Scalar target) => Native.st_mul_scalar(this, target);

        public Tensor mul_(Tensor target) => Done(Native.st_mul_(this, target));

        public Tensor mul_(Scalar target) => Done(Native.st_mul_scalar_(this, target));

        public Tensor xlogy(Scalar y) => Native.st_xlogy_scalar(this, y);

        public Tensor xlogy_(Scalar y) => Done(Native.st_xlogy_scalar_(this, y));

        public Tensor add(Tensor target) => Native.st_add(this, target, ScalarValue.One);

        public Tensor add(Tensor target, Scalar alpha) => Native.st_add(this, target, alpha);

        public Tensor add(Scalar scalar) => Native.st_add_scalar(this, scalar, ScalarValue.One);

        public Tensor add(Scalar scalar, Scalar alpha) => Native.st_add_scalar(this, scalar, alpha);

        public Tensor add_(Tensor target) => Done(Native.st_add_(this, target, ScalarValue.One));

        public Tensor add_(Tensor target, Scalar alpha) => Done(Native.st_add_(this, target, alpha));

        public Tensor add_(Scalar scalar) => Done(Native.st_add_scalar_(this, scalar, ScalarValue.One));

        public Tensor add_(Scalar scalar, Scalar alpha) => Done(Native.st_add_scalar_(this, scalar, alpha));

        public Tensor sub(Tensor target) => Native.st_sub(this, target, ScalarValue.One);

        public Tensor sub(Scalar target) => Native.st_sub_scalar(this, target, ScalarValue.One);

        public Tensor subtract(Tensor target) => sub(target);

        public Tensor subtract(Scalar target) => sub(target);

        public Tensor sub_(Tensor target) => Done(Native.st_sub_(this, target, ScalarValue.One));

        public Tensor sub_(Scalar target) => Done(Native.st_sub_scalar_(this, target, ScalarValue.One));

        public Tensor subtract_(Tensor target) => sub_(target);

        public Tensor subtract_(Scalar target) => sub_(target);

        public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => Native.st_div(this, target, (int)rounding_mode);

        public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => Native.st_div_scalar(this, target, (int)rounding_mode);

        public Tensor divide(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => div(target, rounding_mode);

        public Tensor divide(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => div(target, rounding_mode);

        public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => Done(Native.st_div_(this, target, (int)rounding_mode));

        public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => Done(Native.st_div_scalar_(this, target, (int)rounding_mode));

        public Tensor divide_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => div_(target, rounding_mode);

        public Tensor divide_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => div_(target, rounding_mode);

        public Tensor true_divide(Tensor other) => div(other);

        public Tensor true_divide(Scalar other) => div(other);

        public Tensor true_divide_(Tensor other) => div_(other);

        public Tensor true_divide_(Scalar other) => div_(other);

        public Tensor addcmul(Tensor tensor1, Tensor tensor2, Scalar value) => Native.st_addcmul(this, tensor1, tensor2, value);

        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) => Done(Native.st_addcmul_(this, tensor1, tensor2, value));

        public Tensor addcdiv(Tensor tensor1, Tensor tensor2, Scalar value) => Native.st_addcdiv(this, tensor1, tensor2, value);

        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value) => Done(Native.st_addcdiv_(this, tensor1, tensor2, value));

        public Tensor addcdiv(Tensor tensor1, Tensor tensor2) => Native.st_addcdiv(this, tensor1, tensor2, ScalarValue.One);

        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2) => Done(Native.st_addcdiv_(this, tensor1, tensor2, ScalarValue.One));

        public Tensor lerp(Tensor end, Tensor weight) => Native.st_lerp(this, end, weight);

        public Tensor lerp_(Tensor end, Tensor weight) => Done(Native.st_lerp_(this, end, weight));

        /// <summary>This tensor's elements where the condition holds, the other's elsewhere.</summary>
        public Tensor where(Tensor condition, Tensor y) => Native.st_where(condition, this, y);
    }
}
