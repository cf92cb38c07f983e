using System.CommandLine;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Compute;
using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>The options that every verb which runs a model has.</summary>
/// <param name="trains">Whether the verb trains: float16 has too small a range for gradients, and is not among its types.</param>
internal sealed class ComputeOptions(bool trains = false)
{
    private static readonly (string Word, ScalarType Value)[] _types = [("float32", ScalarType.Float32), ("bfloat16", ScalarType.BFloat16), ("float16", ScalarType.Float16)];

    private readonly Option<string?> _device = OptionOf.Parsed<string?>(
        "--device", "DEVICE", $"Where to compute: {ComputePlace.DeviceNames}. [default: auto, a GPU where there is one]", text => ComputePlace.IsDevice(text) ? text : null, ComputePlace.DeviceNames);

    private readonly Option<ScalarType?> _dtype = OptionOf.OneOf(
        "--dtype",
        "TYPE",
        $"Element type of the weights in memory: float32 or bfloat16{(trains ? "" : ", or on a GPU float16")}. [default: float32]",
        trains ? _types[..2] : _types);

    private readonly Option<int?> _threads = OptionOf.Whole(
        "--threads", "N", "Threads for computing on the CPU. [default: OMP_NUM_THREADS, or one per physical core]", 1, 1024);

    /// <summary>The options, for <see cref="Verb.With"/>.</summary>
    public Option[] All => [_device, _dtype, _threads];

    /// <summary>Those that say where to compute, for verbs that choose the type themselves.</summary>
    public Option[] Place => [_device, _threads];

    /// <summary>Applies what was asked for to this process.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="model">The backbone's folder, checked first: libtorch takes most of a second to load, a damaged folder is refused before that. Null for none.</param>
    /// <exception cref="InvalidOperationException">There is no such device.</exception>
    /// <exception cref="UsageException">The device does not compute in that type.</exception>
    public ComputePlace Apply(ParseResult parsed, string? model)
    {
        var (device, type) = (parsed.GetValue(_device) ?? "auto", parsed.GetValue(_dtype) ?? ScalarType.Float32);
        if (type == ScalarType.Float16 && !new ComputePlace(ComputePlace.DeviceOf(device), type).IsGpu)
        {
            throw new UsageException("--dtype float16 is for GPUs. On a CPU use float32, which is the fastest there, or bfloat16, which takes as little memory.");
        }

        if (model is not null)
        {
            ModelFolder.Check(model);
        }

        set_num_threads(parsed.GetValue(_threads) ?? PhysicalCores.Threads());
        return new ComputePlace(ComputePlace.DeviceOf(device), type);
    }
}
