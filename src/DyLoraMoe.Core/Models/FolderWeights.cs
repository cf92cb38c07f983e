using System.Text.Json.Nodes;
using DyLoraMoe.Core.Safetensors;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Models;

/// <summary>
/// The weights of a Hugging Face folder: <c>model.safetensors</c>, or the shards that <c>model.safetensors.index.json</c> lists.
/// </summary>
internal sealed class FolderWeights : IWeightSource, IDisposable
{
    private const string SingleFile = "model.safetensors";
    private const string IndexFile = "model.safetensors.index.json";
    private const long MaximumIndexBytes = 64 << 20;

    private readonly List<SafetensorsFile> _files = [];
    private readonly Dictionary<string, SafetensorsFile> _owner = new(StringComparer.Ordinal);
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private readonly string _folder;
    private readonly ScalarType? _dtype;
    private readonly Device? _device;

    public FolderWeights(string folder, ScalarType? dtype, Device? device)
    {
        _folder = folder;
        _dtype = dtype;
        _device = device;
        try
        {
            Open();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Every weight's shape by name, for checks that need no data.</summary>
    public IEnumerable<SafetensorsEntry> Entries => _owner.Select(pair => pair.Value.Entries[pair.Key]);

    public Tensor Take(string path, params long[] shape)
    {
        if (!_owner.TryGetValue(path, out var file))
        {
            throw new ModelFormatException($"{_folder}: the weight '{path}' of shape [{string.Join(", ", shape)}] is missing");
        }

        var found = file.Entries[path];
        if (!found.Shape.AsSpan().SequenceEqual(shape))
        {
            throw new ModelFormatException(
                $"{file.Path}: the weight '{path}' has shape [{string.Join(", ", found.Shape)}], config.json asks for [{string.Join(", ", shape)}]");
        }

        if (!is_floating_point(found.Type))
        {
            throw new ModelFormatException($"{file.Path}: the weight '{path}' is {found.Type}, expected floating point; quantized checkpoints are not supported");
        }

        _taken.Add(path);
        return file.Read(path, _dtype, _device);
    }

    /// <summary>Refuses weights that nobody took: the folder holds another model than config.json says.</summary>
    public void RefuseLeftovers(bool headIsTied)
    {
        // transformers wrote these two as well for a while: a copy of the tied head, and frequencies that follow from config.json.
        var extra = _owner.Keys
            .Where(name => !_taken.Contains(name))
            .Where(name => !name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal))
            .Where(name => !(headIsTied && name == CausalLanguageModel.HeadPath + ".weight"))
            .Order(StringComparer.Ordinal)
            .ToList();
        if (extra.Count > 0)
        {
            throw new ModelFormatException(
                $"{_folder}: {extra.Count} weights do not belong to the model that config.json describes: {string.Join(", ", extra.Take(5))}{(extra.Count > 5 ? ", ..." : "")}");
        }
    }

    public void Dispose()
    {
        foreach (var file in _files)
        {
            file.Dispose();
        }
    }

    private static bool is_floating_point(ScalarType type) =>
        type is ScalarType.Float32 or ScalarType.BFloat16 or ScalarType.Float16 or ScalarType.Float64;

    private void Open()
    {
        var single = Path.Combine(_folder, SingleFile);
        if (File.Exists(single))
        {
            Add(single);
        }
        else if (File.Exists(Path.Combine(_folder, IndexFile)))
        {
            OpenShards();
        }
        else
        {
            throw new ModelFormatException($"{_folder}: neither {SingleFile} nor {IndexFile} is there; pickled weights (.bin, .pt) are not read, convert them to safetensors");
        }
    }

    private void OpenShards()
    {
        var path = Path.Combine(_folder, IndexFile);
        var index = JsonFile.ReadObject(path, MaximumIndexBytes)["weight_map"] as JsonObject
            ?? throw new ModelFormatException($"{path}: 'weight_map' is missing or no object, expected each weight's shard");
        var shardOf = index.ToDictionary(pair => pair.Key, pair => ShardOf(path, pair.Key, pair.Value), StringComparer.Ordinal);
        foreach (var shard in shardOf.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            // A shard is a name beside the index, never a path to somewhere else.
            if (shard != Path.GetFileName(shard))
            {
                throw new ModelFormatException($"{path}: the shard '{shard}' is not a plain file name");
            }

            if (!File.Exists(Path.Combine(_folder, shard)))
            {
                throw new ModelFormatException($"{path}: the shard '{shard}' is missing; copy the whole folder");
            }

            Add(Path.Combine(_folder, shard));
        }

        foreach (var (name, shard) in shardOf)
        {
            if (!_owner.TryGetValue(name, out var file) || Path.GetFileName(file.Path) != shard)
            {
                throw new ModelFormatException($"{path}: the weight '{name}' is not in the shard '{shard}' that the index names");
            }
        }
    }

    private static string ShardOf(string path, string weight, JsonNode? shard) => shard is JsonValue value && value.TryGetValue<string>(out var name)
        ? name
        : throw new ModelFormatException($"{path}: weight_map['{weight}'] is {shard?.ToJsonString() ?? "null"}, expected the name of a shard");

    private void Add(string path)
    {
        var file = SafetensorsFile.Open(path);
        _files.Add(file);
        foreach (var name in file.Entries.Keys)
        {
            if (!_owner.TryAdd(name, file))
            {
                throw new ModelFormatException($"{path}: the weight '{name}' is in '{Path.GetFileName(_owner[name].Path)}' too");
            }
        }
    }
}
