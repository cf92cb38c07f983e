using System.Collections.Generic;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Passes over the gradients of many parameters, each of them one native call.</summary>
internal static unsafe class GradientKernels
{
    public static void ZeroGrad(IEnumerable<Parameter> parameters, bool setToNone)
    {
        using var list = new TensorList(parameters);
        Native.Check(Native.st_zero_grad(list.Handles, list.Count, setToNone.Int()));
    }

    public static double ClipNorm(IEnumerable<Parameter> parameters, double maxNorm, double normType)
    {
        using var list = new TensorList(parameters);
        Native.Check(Native.st_clip_grad_norm(list.Handles, list.Count, maxNorm, normType, out var total));
        return total;
    }

    public static void ClipValue(IEnumerable<Parameter> parameters, double value)
    {
        using var list = new TensorList(parameters);
        Native.Check(Native.st_clip_grad_value(list.Handles, list.Count, value));
    }

    public static Tensor ToVector(IEnumerable<Parameter> parameters)
    {
        using var list = new TensorList(parameters);
        return Native.st_parameters_to_vector(list.Handles, list.Count);
    }

    public static void FromVector(Tensor vector, IEnumerable<Parameter> parameters)
    {
        using var list = new TensorList(parameters);
        Native.Check(Native.st_vector_to_parameters(vector, list.Handles, list.Count));
    }
}
