using DyLoraMoe.Core.Models;
using DyLoraMoe.Trainer.CommandLine;
using TorchSharp;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>Where a job computes and in what: a GPU where there is one, unless it is told otherwise.</summary>
/// <param name="Device">The processor.</param>
/// <param name="DataType">Element type of the backbone's weights in memory.</param>
internal sealed record ComputePlace(Device Device, ScalarType DataType)
{
    /// <summary>Whether that is a GPU.</summary>
    public bool IsGpu => Device.type == DeviceType.CUDA;

    /// <summary>Chooses.</summary>
    /// <param name="device"><c>auto</c>, or a device's name.</param>
    /// <param name="dtype"><c>auto</c>, <c>float32</c>, <c>bfloat16</c> or <c>float16</c>.</param>
    /// <param name="config">The backbone's shape.</param>
    public static ComputePlace Of(string device, string dtype, ModelConfig config)
    {
        var place = device != "auto" ? ComputeOptions.DeviceOf(device) : cuda.is_available() ? ComputeOptions.DeviceOf("cuda") : CPU;
        var type = dtype switch
        {
            "float32" => ScalarType.Float32,
            "bfloat16" => ScalarType.BFloat16,
            "float16" => ScalarType.Float16,

            // A CPU computes in float32 fastest; a GPU as the weights were made for.
            "auto" => place.type == DeviceType.CUDA && config.StoredType is ScalarType.BFloat16 or ScalarType.Float16 ? ScalarType.BFloat16 : ScalarType.Float32,
            _ => throw new InvalidInputException(Api.Conditions.Reasons.InvalidInput, $"The request's dtype is '{dtype}', expected auto, float32, bfloat16 or float16."),
        };
        return new ComputePlace(place, type);
    }
}
