namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor eq(Tensor target) => Native.st_eq(this, target);

        public Tensor eq_(Tensor target) => Done(Native.st_eq_(this, target));

        public Tensor eq(Scalar target) => Native.st_eq_scalar(this, target);

        public Tensor eq_(Scalar target) => Done(Native.st_eq_scalar_(this, target));

        public Tensor ne(Tensor target) => Native.st_ne(this, target);

        public Tensor ne_(Tensor target) => Done(Native.st_ne_(this, target));

        public Tensor ne(Scalar target) => Native.st_ne_scalar(this, target);

        public Tensor ne_(Scalar target) => Done(Native.st_ne_scalar_(this, target));

        public Tensor not_equal(Tensor target) => ne(target);

        public Tensor not_equal_(Tensor target) => ne_(target);

        public Tensor lt(Tensor target) => Native.st_lt(this, target);

        public Tensor lt_(Tensor target) => Done(Native.st_lt_(this, target));

        public Tensor lt(Scalar target) => Native.st_lt_scalar(this, target);

        public Tensor lt_(Scalar target) => Done(Native.st_lt_scalar_(this, target));

        public Tensor less(Tensor target) => lt(target);

        public Tensor le(Tensor target) => Native.st_le(this, target);

        public Tensor le_(Tensor target) => Done(Native.st_le_(this, target));

        public Tensor le(Scalar target) => Native.st_le_scalar(this, target);

        public Tensor le_(Scalar target) => Done(Native.st_le_scalar_(this, target));

        public Tensor less_equal(Tensor target) => le(target);

        public Tensor less_equal_(Tensor target) => le_(target);

        public Tensor gt(Tensor target) => Native.st_gt(this, target);

        public Tensor gt_(Tensor target) => Done(Native.st_gt_(this, target));

        public Tensor gt(Scalar target) => Native.st_gt_scalar(this, target);

        public Tensor gt_(Scalar target) => Done(Native.st_gt_scalar_(this, target));

        public Tensor greater(Tensor target) => gt(target);

        public Tensor ge(Tensor target) => Native.st_ge(this, target);

        public Tensor ge_(Tensor target) => Done(Native.st_ge_(this, target));

        public Tensor ge(Scalar target) => Native.st_ge_scalar(this, target);

        public Tensor ge_(Scalar target) => Done(Native.st_ge_scalar_(this, target));

        public Tensor greater_equal(Tensor target) => ge(target);

        public Tensor equal(Tensor target) => eq(target);

        public Tensor isclose(Tensor other, double rtol = 1e-5, double atol = 1e-8, bool nanEqual = false) => Native.st_isclose(this, other, rtol, atol, nanEqual.Int());

        public Tensor isin(Tensor test_elements, bool assumeUnique = false, bool invert = false) => Native.st_isin(this, test_elements, assumeUnique.Int(), invert.Int());

        public bool allclose(Tensor target, double rtol = 1e-5, double atol = 1e-8, bool equal_nan = false) => Native.Flag(Native.st_allclose(this, target, rtol, atol, equal_nan.Int()));
    }
}
