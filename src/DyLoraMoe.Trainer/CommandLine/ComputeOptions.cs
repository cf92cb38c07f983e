using System.CommandLine;
using DyLoraMoe.Core.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>Where and how numbers are computed.</summary>
/// <param name="Device">The processor.</param>
/// <param name="DataType">Element type of the weights in memory.</param>
internal sealed record Compute(Device Device, ScalarType DataType);

/// <summary>The options that every verb which runs a model has.</summary>
internal sealed class ComputeOptions
{
    private readonly Option<string?> _device = OptionOf.Parsed<string?>(
        "--device", "DEVICE", "Where to compute: cpu, cuda or cuda:N. [default: cpu]", text => IsDevice(text) ? text : null, "cpu, cuda or cuda:N");

    private readonly Option<ScalarType?> _dtype = OptionOf.OneOf(
        "--dtype",
        "TYPE",
        "Element type of the weights in memory: float32, bfloat16 or float16. [default: float32]",
        ("float32", ScalarType.Float32),
        ("bfloat16", ScalarType.BFloat16),
        ("float16", ScalarType.Float16));

    private readonly Option<int?> _threads = OptionOf.Whole(
        "--threads", "N", "Threads for computing on the CPU. [default: one per physical core]", 1, 1024);

    /// <summary>The options, for <see cref="Verb.With"/>.</summary>
    public Option[] All => [_device, _dtype, _threads];

    /// <summary>Applies what was asked for to this process.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="model">The backbone's folder, checked first: libtorch takes most of a second to load, a damaged folder is refused before that. Null for none.</param>
    /// <exception cref="InvalidOperationException">There is no such device.</exception>
    public Compute Apply(ParseResult parsed, string? model)
    {
        if (model is not null)
        {
            ModelFolder.Check(model);
        }

        set_num_threads(parsed.GetValue(_threads) ?? PhysicalCores.Count());
        return new Compute(DeviceOf(parsed.GetValue(_device) ?? "cpu"), parsed.GetValue(_dtype) ?? ScalarType.Float32);
    }

    /// <summary>Whether that could be a device's name.</summary>
    internal static bool IsDevice(string text) =>
        text is "cpu" or "cuda" || (text.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(text.AsSpan(5), out var index) && index is >= 0 and < 256);

    /// <summary>The device of that name.</summary>
    /// <exception cref="InvalidOperationException">There is no such device.</exception>
    internal static Device DeviceOf(string text)
    {
        if (text == "cpu")
        {
            return CPU;
        }

        var index = text == "cuda" ? 0 : int.Parse(text.AsSpan(5), System.Globalization.CultureInfo.InvariantCulture);
        var found = cuda.is_available() ? cuda.device_count() : 0;
        return index < found
            ? new Device(DeviceType.CUDA, index)
            : throw new InvalidOperationException($"The device '{text}' is not there: this machine has {found} usable CUDA devices. Use --device cpu.");
    }
}
