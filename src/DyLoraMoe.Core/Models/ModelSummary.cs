using DyLoraMoe.Core.Adapters;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Models;

/// <summary>What a model folder holds. Every weight's name and shape is checked, none of its data is read.</summary>
/// <param name="Config">The model's shape.</param>
/// <param name="Parameters">Number of weights; a tied head counts once.</param>
/// <param name="Layers">Linear layers that an adapter may act on, by the last part of their path.</param>
public sealed record ModelSummary(ModelConfig Config, long Parameters, IReadOnlyList<string> Layers)
{
    /// <summary>Looks into a folder.</summary>
    /// <param name="folder">The folder with <c>config.json</c> and safetensors weights.</param>
    /// <exception cref="ModelFormatException">The folder does not hold a model that this project supports.</exception>
    /// <exception cref="Safetensors.SafetensorsException">A weight file is damaged.</exception>
    public static ModelSummary Read(string folder)
    {
        using var model = ModelFolder.Load(folder, device: META);
        return new ModelSummary(model.Config, model.parameters().Sum(weight => weight.numel()), TargetSelection.Names(model));
    }
}
