using System.Globalization;
using DyLoraMoe.Core.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Compute;

/// <summary>Where a model computes and in what. Jobs and servers choose alike, since experts and routers are measured where they will serve.</summary>
/// <param name="Device">The processor.</param>
/// <param name="DataType">Element type of the backbone's weights in memory.</param>
public sealed record ComputePlace(Device Device, ScalarType DataType)
{
    /// <summary>What <see cref="DeviceOf"/> takes, for messages.</summary>
    public const string DeviceNames = "auto, cpu, cuda or cuda:N";

    /// <summary>Whether that is a GPU.</summary>
    public bool IsGpu => Device.type == DeviceType.CUDA;

    /// <summary>Chooses.</summary>
    /// <param name="device">One of <see cref="DeviceNames"/>.</param>
    /// <param name="dtype"><c>auto</c>, <c>float32</c>, <c>bfloat16</c> or <c>float16</c>; auto is what the weights were made for on a GPU, and float32 on a CPU, which computes fastest in it.</param>
    /// <param name="config">The backbone's shape.</param>
    /// <exception cref="InvalidDataException">There is no such type.</exception>
    /// <exception cref="InvalidOperationException">There is no such device.</exception>
    public static ComputePlace Of(string device, string dtype, ModelConfig config)
    {
        var place = DeviceOf(device);
        var type = dtype switch
        {
            "float32" => ScalarType.Float32,
            "bfloat16" => ScalarType.BFloat16,
            "float16" => ScalarType.Float16,
            "auto" => place.type == DeviceType.CUDA && config.StoredType is ScalarType.BFloat16 or ScalarType.Float16 ? ScalarType.BFloat16 : ScalarType.Float32,
            _ => throw new InvalidDataException($"The backbone's dtype is '{dtype}', expected auto, float32, bfloat16 or float16."),
        };
        return new ComputePlace(place, type);
    }

    /// <summary>Whether that could be a device's name.</summary>
    /// <param name="text">The name.</param>
    public static bool IsDevice(string text) =>
        text is "auto" or "cpu" or "cuda" || (text.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(text.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < 256);

    /// <summary>The device of that name; auto is the first GPU where there is one.</summary>
    /// <param name="text">One of <see cref="DeviceNames"/>.</param>
    /// <exception cref="InvalidOperationException">There is no such device.</exception>
    public static Device DeviceOf(string text)
    {
        if (text == "cpu")
        {
            return CPU;
        }

        var found = cuda.is_available() ? cuda.device_count() : 0;
        if (text == "auto" && found == 0)
        {
            return CPU;
        }

        var index = text.StartsWith("cuda:", StringComparison.Ordinal) ? int.Parse(text.AsSpan(5), CultureInfo.InvariantCulture) : 0;
        return index < found
            ? new Device(DeviceType.CUDA, index)
            : throw new InvalidOperationException($"The device '{text}' is not there: this machine has {found} usable CUDA devices. Use --device cpu; in a cluster, see to the node's driver, or ask for no GPU.");
    }
}
