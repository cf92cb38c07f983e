namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Operations without state, as functions.</summary>
        public static partial class functional
        {
            public static Tensor celu(Tensor x, double alpha, bool inplace = false) => inplace ? x.celu_(alpha).alias() : x.celu(alpha);

            public static Tensor elu(Tensor x, double alpha, bool inplace = false) => inplace ? x.elu_(alpha).alias() : x.elu(alpha);

            public static Tensor hardtanh(Tensor x, double min_val = -1, double max_val = 1, bool inplace = false) => inplace ? x.hardtanh_(min_val, max_val).alias() : x.hardtanh(min_val, max_val);

            public static Tensor relu(Tensor x, bool inplace = false) => inplace ? x.relu_().alias() : x.relu();

            public static Tensor relu6(Tensor x, bool inplace = false) => inplace ? x.relu6_().alias() : x.relu6();

            public static Tensor selu(Tensor x, bool inplace = false) => inplace ? x.selu_().alias() : x.selu();

            public static Tensor silu(Tensor x, bool inplace = false) => inplace ? x.silu_().alias() : x.silu();

            public static Tensor tanh(Tensor x, bool inplace = false) => inplace ? x.tanh_().alias() : x.tanh();

            public static Tensor threshold(Tensor x, double threshold, double value, bool inplace = false) => inplace ? x.threshold_(threshold, value).alias() : x.threshold(threshold, value);

            public static Tensor hardsigmoid(Tensor input, bool inplace = false) => inplace ? input.hardsigmoid_().alias() : input.hardsigmoid();

            public static Tensor hardswish(Tensor input, bool inplace = false) => inplace ? input.hardswish_().alias() : input.hardswish();

            public static Tensor leaky_relu(Tensor input, double negative_slope = 0.01, bool inplace = false) => inplace ? input.leaky_relu_(negative_slope).alias() : input.leaky_relu(negative_slope);

            public static Tensor gelu(Tensor x, bool inplace) => inplace ? x.gelu_().alias() : x.gelu();

            public static Tensor gelu(Tensor x) => x.gelu();

            public static Tensor sigmoid(Tensor x, bool inplace) => inplace ? x.sigmoid_().alias() : x.sigmoid();

            public static Tensor sigmoid(Tensor x) => x.sigmoid();

            public static Tensor glu(Tensor input, long dim = -1) => input.glu(dim);

            public static Tensor hardshrink(Tensor x, double lambda = 0.5) => Native.st_hardshrink(x, lambda);

            public static Tensor softshrink(Tensor x, double lambda = 0.5) => Native.st_softshrink(x, lambda);

            public static Tensor logsigmoid(Tensor x) => x.log_sigmoid();

            public static Tensor log_softmax(Tensor x, long dim) => x.log_softmax(dim);

            public static Tensor mish(Tensor x, bool inplace = false) => inplace ? Mish_(x) : Native.st_mish(x);

            public static Tensor prelu(Tensor input, Tensor weight) => input.prelu(weight);

            public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => input.softmax(dim, dtype);

            public static Tensor softmin(Tensor x, long dim) => (-x).softmax(dim);

            public static Tensor softplus(Tensor x, double beta = 1, double threshold = 20) => x.softplus(beta, threshold);

            public static Tensor softsign(Tensor x, bool inplace = false) => inplace ? x.div_(x.abs() + 1).alias() : x / (x.abs() + 1);

            public static Tensor tanhshrink(Tensor x, bool inplace = false) => inplace ? x.sub_(x.tanh()).alias() : x - x.tanh();

            private static Tensor Mish_(Tensor x)
            {
                Native.Check(Native.st_mish_(x));
                return x.alias();
            }
        }
    }
}
