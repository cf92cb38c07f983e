using System.Collections.Generic;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class utils
        {
            /// <summary>Scales all gradients so that their norm, taken over all of them together, is at most max_norm. Returns the norm they had.</summary>
            public static double clip_grad_norm_(IEnumerable<Parameter> tensors, double max_norm, double norm_type = 2.0)
                => GradientKernels.ClipNorm(tensors, max_norm, norm_type);

            /// <summary>Cuts every element of every gradient to [-clip_value, clip_value].</summary>
            public static void clip_grad_value_(IEnumerable<Parameter> tensors, double clip_value)
                => GradientKernels.ClipValue(tensors, clip_value);

            public static Tensor parameters_to_vector(IEnumerable<Parameter> tensors) => GradientKernels.ToVector(tensors);

            /// <summary>Makes the parameters views of consecutive parts of the vector.</summary>
            public static void vector_to_parameters(Tensor vec, IEnumerable<Parameter> tensors) => GradientKernels.FromVector(vec, tensors);
        }
    }
}
