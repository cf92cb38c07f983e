using System.Text.Json.Nodes;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Models;

public sealed class ModelFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(CausalLanguageModelTests.Families), MemberType = typeof(CausalLanguageModelTests))]
    public void A_saved_model_loads_as_the_same_model(ModelFamily family)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var model = TinyModels.Create(family);
        ModelFolder.Save(_folder.FullPath, model);

        using var loaded = ModelFolder.Load(_folder.FullPath, device: TestDevice.Current);

        Assert.Equal(model.Config with { EosTokenIds = [] }, loaded.Config with { EosTokenIds = [] });
        Assert.Equal(model.Config.EosTokenIds, loaded.Config.EosTokenIds);
        var ids = CausalLanguageModelTests.RandomIds(2, 9);
        TensorAssert.Same(model.call(ids), loaded.call(ids));
    }

    [Fact]
    public void A_loaded_model_is_frozen_and_every_weight_has_its_name()
    {
        using var model = Saved();

        using var loaded = ModelFolder.Load(_folder.FullPath, device: TestDevice.Current);

        Assert.All(loaded.parameters(), parameter => Assert.False(parameter.requires_grad));
        Assert.Contains("model.layers.1.self_attn.q_proj.weight", loaded.named_parameters().Select(pair => pair.name));
        Assert.Equal(model.named_parameters().Select(pair => pair.name).Order(), loaded.state_dict().Keys.Order());
    }

    [Fact]
    public void Shards_load_as_the_whole_does()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var model = Saved();
        Shard();

        using var loaded = ModelFolder.Load(_folder.FullPath, device: TestDevice.Current);

        var ids = CausalLanguageModelTests.RandomIds(1, 5);
        TensorAssert.Same(model.call(ids), loaded.call(ids));
    }

    [Fact]
    public void A_missing_shard_is_named()
    {
        using var model = Saved();
        Shard();
        File.Delete(_folder["model-00002-of-00002.safetensors"]);

        var error = Assert.Throws<ModelFormatException>(() => ModelFolder.Load(_folder.FullPath));

        Assert.Contains("model-00002-of-00002.safetensors", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_index_may_not_point_outside_the_folder()
    {
        using var model = Saved();
        Shard();
        File.WriteAllText(_folder["model.safetensors.index.json"], """{"weight_map":{"model.norm.weight":"../elsewhere.safetensors"}}""");

        var error = Assert.Throws<ModelFormatException>(() => ModelFolder.Load(_folder.FullPath));

        Assert.Contains("plain file name", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"weight_map":["model.norm.weight"]}""", "'weight_map' is missing or no object")]
    [InlineData("""{"weight_map":{"model.norm.weight":null}}""", "weight_map['model.norm.weight'] is null")]
    [InlineData("""{"weight_map":{"model.norm.weight":{}}}""", "weight_map['model.norm.weight'] is {}")]
    public void An_index_that_is_no_index_is_refused_by_file_and_field(string index, string expected)
    {
        using var model = Saved();
        Shard();
        File.WriteAllText(_folder["model.safetensors.index.json"], index);

        var error = Assert.Throws<ModelFormatException>(() => ModelFolder.Load(_folder.FullPath));

        Assert.Contains("model.safetensors.index.json: " + expected, error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> BadConfigs => new()
    {
        { """{"model_type":"mamba"}""", "'mamba'" },
        { """{"rope_scaling":{"rope_type":"yarn","factor":4}}""", "'yarn'" },
        { """{"rope_scaling":{"rope_type":"linear"}}""", "factor" },
        { """{"hidden_act":"relu2"}""", "'relu2'" },
        { """{"num_key_value_heads":3}""", "num_key_value_heads is 3" },
        { """{"head_dim":7}""", "head_dim is 7" },
        { """{"hidden_size":"wide"}""", "config.json: 'hidden_size' has the wrong type: expected a whole number, found \"wide\"" },
        { """{"tie_word_embeddings":"no"}""", "'tie_word_embeddings' has the wrong type: expected true or false" },
        { """{"torch_dtype":16}""", "'torch_dtype' has the wrong type: expected a text, found 16" },
        { """{"eos_token_id":[null]}""", "'eos_token_id' has the wrong type: expected a whole number or a list of them, found [null]" },
        { """{"max_position_embeddings":-1}""", "max_position_embeddings is -1" },
        { """{"hidden_size":null}""", "'hidden_size' is missing" },
        { """{"num_hidden_layers":-1}""", "num_hidden_layers is -1" },
        { """{"num_hidden_layers":1000000000}""", "num_hidden_layers" },
        { """{"torch_dtype":"int4"}""", "'int4'" },
        { """{"quantization_config":{"quant_method":"gptq"}}""", "gptq" },
        { """{"intermediate_size":49}""", "asks for [49, 32]" },
        { """{"num_hidden_layers":3}""", "'model.layers.2.input_layernorm.weight'" },
        { """{"num_hidden_layers":1}""", "do not belong to the model" },
        { """{"tie_word_embeddings":false}""", "'lm_head.weight'" },
    };

    [Theory]
    [MemberData(nameof(BadConfigs))]
    public void A_config_that_does_not_fit_is_refused_with_its_reason(string change, string expected)
    {
        using var model = Saved();
        var config = JsonNode.Parse(File.ReadAllText(_folder["config.json"]))!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(change)!.AsObject())
        {
            config[name] = value?.DeepClone();
        }

        File.WriteAllText(_folder["config.json"], config.ToJsonString());

        var error = Assert.Throws<ModelFormatException>(() => ModelFolder.Load(_folder.FullPath));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_fails_half_way_leaves_no_tensor_behind()
    {
        using var model = Saved();
        Rewrite(weights => weights.Remove("model.norm.weight"));
        using var scope = NewDisposeScope();
        var before = scope.DisposablesCount;

        var error = Assert.Throws<ModelFormatException>(() => ModelFolder.Load(_folder.FullPath));

        Assert.Contains("'model.norm.weight'", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, scope.DisposablesCount);
    }

    [Fact]
    public void A_copy_of_the_tied_head_is_no_error()
    {
        using var model = Saved();
        Rewrite(weights => weights["lm_head.weight"] = weights["model.embed_tokens.weight"].clone());

        using var loaded = ModelFolder.Load(_folder.FullPath, device: TestDevice.Current);

        Assert.True(loaded.Config.TieWordEmbeddings);
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("model.safetensors")]
    public void A_missing_file_is_named(string file)
    {
        using var model = Saved();
        File.Delete(_folder[file]);

        var error = Assert.Throws<ModelFormatException>(() => ModelFolder.Load(_folder.FullPath));

        Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Early_Gemma_files_say_gelu_and_mean_its_tanh_form()
    {
        using var model = TinyModels.Create(ModelFamily.Gemma);
        ModelFolder.Save(_folder.FullPath, model);
        var config = JsonNode.Parse(File.ReadAllText(_folder["config.json"]))!.AsObject();
        config["hidden_act"] = "gelu";
        config["hidden_activation"] = null;
        File.WriteAllText(_folder["config.json"], config.ToJsonString());

        Assert.Equal(FeedForwardActivation.GeluTanh, ModelConfigFile.Read(_folder.FullPath).Activation);
    }

    private CausalLanguageModel Saved()
    {
        var model = TinyModels.Create();
        ModelFolder.Save(_folder.FullPath, model);
        return model;
    }

    private void Rewrite(Action<Dictionary<string, Tensor>> change)
    {
        using var scope = NewDisposeScope();
        var weights = ReadAll();
        change(weights);
        SafetensorsWriter.Write(_folder["model.safetensors"], weights);
    }

    private void Shard()
    {
        using var scope = NewDisposeScope();
        var weights = ReadAll();
        var map = new JsonObject();
        foreach (var (part, number) in weights.OrderBy(pair => pair.Key, StringComparer.Ordinal).Chunk((weights.Count / 2) + 1).Select((part, index) => (part, index + 1)))
        {
            var name = $"model-0000{number}-of-00002.safetensors";
            SafetensorsWriter.Write(_folder[name], part);
            foreach (var (weight, _) in part)
            {
                map[weight] = name;
            }
        }

        File.WriteAllText(_folder["model.safetensors.index.json"], new JsonObject { ["weight_map"] = map }.ToJsonString());
        File.Delete(_folder["model.safetensors"]);
    }

    private Dictionary<string, Tensor> ReadAll()
    {
        using var file = SafetensorsFile.Open(_folder["model.safetensors"]);
        return file.Entries.Keys.ToDictionary(name => name, name => file.Read(name), StringComparer.Ordinal);
    }
}
