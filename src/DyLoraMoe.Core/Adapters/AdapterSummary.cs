using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Safetensors;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Adapters;

/// <summary>What an adapter folder holds, as far as that can be said without its backbone.</summary>
/// <param name="Config">Size and reach.</param>
/// <param name="Layers">Number of adapted layers.</param>
/// <param name="Modules">Their names, by the last part of the path.</param>
/// <param name="Parameters">Number of values.</param>
/// <param name="Bytes">Size of all factors on disk.</param>
/// <param name="StoredTypes">Element types that occur.</param>
/// <param name="NotFinite">Tensors with values that are not finite; empty in a sound adapter.</param>
public sealed record AdapterSummary(
    LoraConfig Config,
    int Layers,
    IReadOnlyList<string> Modules,
    long Parameters,
    long Bytes,
    IReadOnlyList<ScalarType> StoredTypes,
    IReadOnlyList<string> NotFinite)
{
    /// <summary>Looks into a folder and reads every factor once.</summary>
    /// <param name="folder">The folder with <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>.</param>
    /// <exception cref="ModelFormatException">The adapter is of a kind that is not supported.</exception>
    /// <exception cref="SafetensorsException">The weight file is damaged.</exception>
    public static AdapterSummary Read(string folder)
    {
        var config = PeftConfigFile.Read(folder);
        using var file = PeftFolder.OpenWeights(folder);
        var entries = PeftFolder.FactorsOf(file).ToList();
        var paths = entries.Select(entry => PeftFolder.LayerOf(entry.Name)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        return new AdapterSummary(
            config,
            paths.Count,
            [.. paths.Select(path => path[(path.LastIndexOf('.') + 1)..]).Distinct(StringComparer.Ordinal)],
            entries.Sum(entry => entry.Shape.Aggregate(1L, (product, extent) => product * extent)),
            entries.Sum(entry => entry.Length),
            [.. entries.Select(entry => entry.Type).Distinct().Order()],
            [.. entries.Select(entry => entry.Name).Where(name => !IsFinite(file, name)).Order(StringComparer.Ordinal)]);
    }

    private static bool IsFinite(SafetensorsFile file, string name)
    {
        using var scope = NewDisposeScope();
        return file.Read(name).isfinite().all().item<bool>();
    }
}
