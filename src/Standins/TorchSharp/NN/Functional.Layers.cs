using System;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) => Native.st_linear(input, weights, bias);

            public static Tensor bilinear(Tensor input1, Tensor input2, Tensor weight, Tensor? bias = null) => Native.st_bilinear(input1, input2, weight, bias);

            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false) => inplace ? Dropout_(input, p, training) : Native.st_dropout(input, p, training.Int());

            public static Tensor alpha_dropout(Tensor input, double p = 0.5, bool training = false, bool inplace = false) => inplace ? input.copy_(Native.st_alpha_dropout(input, p, training.Int())).alias() : Native.st_alpha_dropout(input, p, training.Int());

            public static Tensor one_hot(Tensor x, long num_classes = -1) => x.dtype == ScalarType.Int64 ? Native.st_one_hot(x, num_classes) : throw new ArgumentException($"one_hot: expected a tensor of Int64, found {x.dtype}.");

            public static Tensor layer_norm(Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5) => Native.st_layer_norm(input, normalized_shape, normalized_shape.Length, weight, bias, eps);

            public static Tensor group_norm(Tensor input, long num_groups, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5) => Native.st_group_norm(input, num_groups, weight, bias, eps);

            public static Tensor normalize(Tensor input, double p = 2, long dim = 1, double eps = 1e-12) => Native.st_normalize(input, p, dim, eps);

            public static Tensor cosine_similarity(Tensor x1, Tensor x2, long dim = 1, double eps = 1e-8) => Native.st_cosine_similarity(x1, x2, dim, eps);

            public static Tensor pairwise_distance(Tensor input1, Tensor input2, double p = 2, double eps = 1E-06, bool keepdim = false) => Native.st_pairwise_distance(input1, input2, p, eps, keepdim.Int());

            public static Tensor pad(Tensor input, ReadOnlySpan<long> pad, PaddingModes mode = PaddingModes.Constant, double value = 0) => Native.st_pad(input, pad, pad.Length, PaddingName(mode), value);

            public static Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0) => functional.pad(input, (ReadOnlySpan<long>)pad, mode, value);

            public static Tensor pad(Tensor input, (long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) => functional.pad(input, [pad.Item1, pad.Item2], mode, value);

            public static Tensor pad(Tensor input, (long, long, long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) => functional.pad(input, [pad.Item1, pad.Item2, pad.Item3, pad.Item4], mode, value);

            /// <summary>As much on both sides of every dimension.</summary>
            public static Tensor pad(Tensor input, long pad, PaddingModes mode = PaddingModes.Constant, double value = 0)
            {
                var sides = new long[2 * input.ndim];
                Array.Fill(sides, pad);
                return functional.pad(input, sides, mode, value);
            }

            /// <summary>softmax(query key^T / sqrt(E) + mask) value, where query is (..., L, E), key (..., S, E) and value (..., S, Ev). A mask of truth values keeps what is true; any other is added.</summary>
            public static Tensor scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask = null, double p = 0, bool is_casual = false)
            {
                if (p < 0)
                {
                    throw new ArgumentException($"Dropout probability must be greater than or equal to zero, found {p}.");
                }

                if (is_casual && attn_mask is not null)
                {
                    throw new ArgumentException("Casual attention masking cannot pass a mask: give either of the two.");
                }

                return Native.st_scaled_dot_product_attention(query, key, value, attn_mask, p, is_casual.Int());
            }

            private static Tensor Dropout_(Tensor input, double p, bool training)
            {
                Native.Check(Native.st_dropout_(input, p, training.Int()));
                return input.alias();
            }

            private static string PaddingName(PaddingModes mode) => mode switch
            {
                PaddingModes.Reflect => "reflect",
                PaddingModes.Replicate => "replicate",
                PaddingModes.Circular => "circular",
                _ => "constant",
            };
        }
    }
}
