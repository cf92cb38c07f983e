using DyLoraMoe.Core.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Models;

/// <summary>Loads and saves models in Hugging Face's folder layout.</summary>
public static class ModelFolder
{
    /// <summary>
    /// Reads <c>config.json</c> and every weight file's header and loads nothing, not even libtorch: what is damaged is refused at once.
    /// </summary>
    /// <param name="folder">The folder with <c>config.json</c> and safetensors weights.</param>
    /// <exception cref="ModelFormatException">The folder does not hold a model that this project supports.</exception>
    /// <exception cref="SafetensorsException">A weight file is damaged.</exception>
    public static void Check(string folder)
    {
        ModelConfigFile.Read(folder);
        using var _ = new FolderWeights(folder, null, null);
    }

    /// <summary>Loads a model, frozen. Either the whole model is returned or an error is thrown.</summary>
    /// <param name="folder">The folder with <c>config.json</c> and safetensors weights.</param>
    /// <param name="dtype">Element type to convert to; float32 when null.</param>
    /// <param name="device">Where the weights go; host memory when null.</param>
    /// <exception cref="ModelFormatException">The folder does not hold a model that this project supports.</exception>
    /// <exception cref="SafetensorsException">A weight file is damaged.</exception>
    public static CausalLanguageModel Load(string folder, ScalarType? dtype = null, Device? device = null)
    {
        if (device?.type != DeviceType.META)
        {
            // Names and shapes of every weight first: a fault in the last one shows before gigabytes are read.
            Load(folder, dtype, META).Dispose();
        }

        var config = ModelConfigFile.Read(folder);
        using var weights = new FolderWeights(folder, dtype ?? ScalarType.Float32, device);
        using var scope = NewDisposeScope();
        CausalLanguageModel model;
        using (no_grad())
        {
            // Should a weight be missing half-way, the scope frees those that were read.
            model = new CausalLanguageModel(config, weights);
        }

        weights.RefuseLeftovers(config.TieWordEmbeddings);
        foreach (var parameter in model.parameters())
        {
            parameter.DetachFromDisposeScope();
        }

        model.eval();
        return model;
    }

    /// <summary>Writes <c>config.json</c> and <c>model.safetensors</c>; each appears whole or not at all.</summary>
    /// <param name="folder">The folder; created when missing.</param>
    /// <param name="model">The model to write; it stays as it is.</param>
    /// <param name="storedType">Element type in the file; the model's own when null.</param>
    public static void Save(string folder, CausalLanguageModel model, ScalarType? storedType = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        Directory.CreateDirectory(folder);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var type = storedType ?? model.DataType;
        SafetensorsWriter.Write(
            Path.Combine(folder, "model.safetensors"),
            model.named_parameters().Select(pair => KeyValuePair.Create(pair.name, pair.parameter.to_type(type))),
            new Dictionary<string, string> { ["format"] = "pt" });
        ModelConfigFile.Write(folder, model.Config with { StoredType = type });
    }
}
