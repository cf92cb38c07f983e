namespace TorchSharp;

public static partial class torch
{
    /// <summary>Special functions.</summary>
    public static partial class special
    {
        public static Tensor erf(Tensor input) => input.erf();

        public static Tensor erfc(Tensor input) => input.erfc();

        public static Tensor erfinv(Tensor input) => input.erfinv();

        public static Tensor expit(Tensor input) => input.sigmoid();

        public static Tensor expm1(Tensor input) => input.expm1();

        public static Tensor exp2(Tensor input) => input.exp2();

        public static Tensor gammaln(Tensor input) => input.lgamma();

        public static Tensor digamma(Tensor input) => input.digamma();

        public static Tensor psi(Tensor input) => input.digamma();

        public static Tensor sigmoid(Tensor input) => input.sigmoid();

        public static Tensor sinc(Tensor input) => input.sinc();

        public static Tensor logit(Tensor input) => input.logit();

        public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => input.softmax(dim, dtype);

        public static Tensor log_softmax(Tensor input, long dim, ScalarType? dtype = null) => input.log_softmax(dim, dtype);

        /// <summary>The standard normal distribution function.</summary>
        public static Tensor ndtr(Tensor input) => Native.st_special_ndtr(input);

        /// <summary>Its inverse.</summary>
        public static Tensor ndtri(Tensor input) => Native.st_special_ndtri(input);

        /// <summary>-x log x.</summary>
        public static Tensor entr(Tensor input) => Native.st_special_entr(input);

        /// <summary>The regularised lower incomplete gamma function: with degrees of freedom, the chi-squared distribution.</summary>
        public static Tensor gammainc(Tensor input, Tensor other) => input.igamma(other);

        public static Tensor gammaincc(Tensor input, Tensor other) => input.igammac(other);
    }
}
