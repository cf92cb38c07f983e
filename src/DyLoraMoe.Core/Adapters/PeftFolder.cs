using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Safetensors;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Adapters;

/// <summary>Loads and saves adapters in PEFT's folder layout: <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>.</summary>
public static class PeftFolder
{
    private const string WeightsFile = "adapter_model.safetensors";
    private const string Prefix = "base_model.model.";
    private const string Down = ".lora_A.weight";
    private const string Up = ".lora_B.weight";
    private const string Copy = ".base_layer.weight";

    /// <summary>Loads an adapter for <paramref name="model"/> and checks it against the model: names, shapes, finite numbers.</summary>
    /// <param name="folder">The adapter folder.</param>
    /// <param name="model">The backbone it belongs to.</param>
    /// <param name="device">Where the factors go; the model's device when null.</param>
    /// <exception cref="ModelFormatException">The adapter does not fit the model, or is of a kind that is not supported.</exception>
    /// <exception cref="SafetensorsException">The weight file is damaged.</exception>
    public static LoraAdapter Load(string folder, CausalLanguageModel model, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        var config = PeftConfigFile.Read(folder);
        using var file = OpenWeights(folder);
        var layers = new Dictionary<string, LoraWeights>(StringComparer.Ordinal);
        try
        {
            foreach (var target in Targets(folder, model, config))
            {
                layers[target] = Read(file, model.Projections[target], config, device ?? model.Device);
            }

            RefuseLeftovers(file, layers);
            RefuseOtherCopies(file, layers, model);
            return new LoraAdapter(config with { TargetModules = [.. config.TargetModules.Where(name => TargetSelection.IsKnown(model, name))] }, layers);
        }
        catch
        {
            foreach (var layer in layers.Values)
            {
                layer.Dispose();
            }

            throw;
        }
    }

    /// <summary>Writes an adapter so that PEFT, vLLM and this project read the same one. Each file appears whole or not at all.</summary>
    /// <param name="folder">The folder; created when missing.</param>
    /// <param name="adapter">The adapter.</param>
    /// <param name="baseModel">Name or path of the backbone, for the reader's information.</param>
    public static void Save(string folder, LoraAdapter adapter, string baseModel = "")
    {
        ArgumentNullException.ThrowIfNull(adapter);
        Directory.CreateDirectory(folder);
        SafetensorsWriter.Write(
            Path.Combine(folder, WeightsFile),
            adapter.Layers.SelectMany(pair => new[]
            {
                KeyValuePair.Create(Prefix + pair.Key + Down, (Tensor)pair.Value.A),
                KeyValuePair.Create(Prefix + pair.Key + Up, (Tensor)pair.Value.B),
            }),
            new Dictionary<string, string> { ["format"] = "pt" });
        var names = adapter.Layers.Keys.Select(path => path[(path.LastIndexOf('.') + 1)..]).Distinct(StringComparer.Ordinal);
        PeftConfigFile.Write(folder, adapter.Config, names, baseModel);
    }

    /// <summary>Opens an adapter's weight file, which holds LoRA factors and, as PEFT leaves them for an adapted head, copies of backbone weights.</summary>
    internal static SafetensorsFile OpenWeights(string folder)
    {
        var path = Path.Combine(folder, WeightsFile);
        if (!File.Exists(path))
        {
            throw new ModelFormatException($"{folder}: {WeightsFile} is missing; pickled adapters (adapter_model.bin) are not read, save it again as safetensors");
        }

        var file = SafetensorsFile.Open(path);
        try
        {
            RefuseForeignTensors(file);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Bytes that an adapter takes once loaded; reads the file's header only.</summary>
    internal static long BytesLoaded(string folder)
    {
        using var file = OpenWeights(folder);
        return FactorsOf(file).Sum(entry => entry.Shape.Aggregate((long)sizeof(float), (product, extent) => product * extent));
    }

    /// <summary>The LoRA factors among an adapter's tensors.</summary>
    internal static IEnumerable<SafetensorsEntry> FactorsOf(SafetensorsFile file) => file.Entries.Values.Where(entry => !IsCopy(entry.Name));

    /// <summary>The path of the layer that a tensor of an adapter file belongs to.</summary>
    internal static string LayerOf(string name) => name[Prefix.Length..^Down.Length];

    private static IReadOnlyList<string> Targets(string folder, CausalLanguageModel model, LoraConfig config)
    {
        try
        {
            return TargetSelection.FindKnown(model, config);
        }
        catch (ModelFormatException error)
        {
            throw new ModelFormatException($"{folder}: {error.Message}", error);
        }
    }

    private static LoraWeights Read(SafetensorsFile file, Projection layer, LoraConfig config, Device device)
    {
        var rank = config.RankOf(layer.Path);
        Tensor? down = null;
        try
        {
            down = Read(file, layer.Path + Down, [rank, layer.Inputs], device);
            var up = Read(file, layer.Path + Up, [layer.Outputs, rank], device);
            return new LoraWeights(new Parameter(down), new Parameter(up), config.ScaleOf(layer.Path));
        }
        catch
        {
            down?.Dispose();
            throw;
        }
    }

    private static Tensor Read(SafetensorsFile file, string name, long[] shape, Device device)
    {
        name = Prefix + name;
        if (!file.Entries.TryGetValue(name, out var entry))
        {
            throw new ModelFormatException($"{file.Path}: the tensor '{name}' is missing; {PeftConfigFile.FileName} asks for it");
        }

        if (!entry.Shape.AsSpan().SequenceEqual(shape))
        {
            throw new ModelFormatException($"{file.Path}: '{name}' has shape [{string.Join(", ", entry.Shape)}], the backbone and rank ask for [{string.Join(", ", shape)}]");
        }

        var factor = file.Read(name, ScalarType.Float32, device);
        using var scope = NewDisposeScope();
        if (factor.isfinite().all().item<bool>())
        {
            return factor.DetachFromDisposeScope();
        }

        factor.Dispose();
        throw new ModelFormatException($"{file.Path}: '{name}' holds values that are not finite; the adapter is damaged or its training diverged");
    }

    private static void RefuseForeignTensors(SafetensorsFile file)
    {
        foreach (var name in file.Entries.Keys)
        {
            if (IsCopy(name))
            {
                continue;
            }

            var kind = name.Contains("lora_embedding_", StringComparison.Ordinal) ? "LoRA on embeddings"
                : name.Contains("lora_magnitude_vector", StringComparison.Ordinal) ? "DoRA"
                : !name.StartsWith(Prefix, StringComparison.Ordinal) || !(name.EndsWith(Down, StringComparison.Ordinal) || name.EndsWith(Up, StringComparison.Ordinal)) ? "a tensor that is not a LoRA factor"
                : null;
            if (kind is not null)
            {
                throw new ModelFormatException($"{file.Path}: '{name}' is {kind}, which is not supported");
            }
        }
    }

    private static void RefuseLeftovers(SafetensorsFile file, Dictionary<string, LoraWeights> layers)
    {
        foreach (var name in file.Entries.Keys)
        {
            if (!layers.ContainsKey(IsCopy(name) ? name[Prefix.Length..^Copy.Length] : LayerOf(name)))
            {
                throw new ModelFormatException($"{file.Path}: '{name}' belongs to no layer that target_modules mean in this backbone");
            }
        }
    }

    private static bool IsCopy(string name) => name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(Copy, StringComparison.Ordinal);

    // PEFT saves the frozen head beside the factors of an adapted one. It says nothing new, unless it is another backbone's.
    private static void RefuseOtherCopies(SafetensorsFile file, Dictionary<string, LoraWeights> layers, CausalLanguageModel model)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var path in layers.Keys.Where(path => file.Entries.ContainsKey(Prefix + path + Copy)))
        {
            var own = model.Projections[path].Weight;
            var copy = file.Read(Prefix + path + Copy, own.dtype, own.device);
            if (!copy.shape.SequenceEqual(own.shape) || !copy.allclose(own, rtol: 1e-2, atol: 1e-3))
            {
                throw new ModelFormatException($"{file.Path}: '{Prefix + path + Copy}' is not the weight that this backbone has there; the adapter was trained on another one");
            }
        }
    }
}
