using System.Text.Json.Nodes;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Core.Tests.Models;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Adapters;

public sealed class PeftFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CausalLanguageModel _model = TinyModels.Create(ModelFamily.Qwen2);

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    public static TheoryData<LoraConfig> Configs => new(
        new LoraConfig(),
        new LoraConfig { Rank = 3, Alpha = 4.5, UseRsLora = true, Dropout = 0.1 },
        new LoraConfig { TargetModules = ["q_proj", "v_proj"], LayersToTransform = [1] },
        new LoraConfig { TargetModules = ["q_proj", "v_proj"], LayersToTransform = [] },
        new LoraConfig { TargetModules = ["q_proj", "lm_head"] },
        new LoraConfig { TargetPattern = @".*\.(q_proj|up_proj)", ExcludeModules = ["layers.0.self_attn.q_proj"] },
        new LoraConfig { TargetPattern = @".*(q_proj|lm_head)" },
        new LoraConfig { TargetPattern = @".*\.q_proj", AdaptHead = true },
        new LoraConfig { TargetModules = ["q_proj", "up_proj"], ExcludePattern = @".*\.0\.self_attn\..*" },
        new LoraConfig { RankPattern = new Dictionary<string, int> { ["q_proj"] = 2 }, AlphaPattern = new Dictionary<string, double> { [@"layers\.1\.mlp\.up_proj"] = 3 } },
        new LoraConfig { Mode = AdapterMode.Activated, InvocationTokens = [7, 8] },
        new LoraConfig { Mode = AdapterMode.Activated });

    [Theory]
    [MemberData(nameof(Configs))]
    public void A_saved_adapter_loads_as_the_same_adapter(LoraConfig config)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var adapter = LoraAdapterTests.Trained(_model, config);
        PeftFolder.Save(_folder.FullPath, adapter, "backbone");

        using var loaded = PeftFolder.Load(_folder.FullPath, _model);

        Assert.Equal(adapter.Layers.Keys.Order(), loaded.Layers.Keys.Order());
        Assert.Equal(config.Mode, loaded.Config.Mode);
        Assert.Equal(config.InvocationTokens, loaded.Config.InvocationTokens);
        var ids = CausalLanguageModelTests.RandomIds(1, 6);
        TensorAssert.Same(
            _model.Logits(ids, new ForwardOptions { Delta = new AdapterDelta(adapter) }),
            _model.Logits(ids, new ForwardOptions { Delta = new AdapterDelta(loaded) }));
    }

    [Fact]
    public void The_file_speaks_PEFT()
    {
        using var adapter = LoraAdapterTests.Trained(_model, new LoraConfig { Rank = 4, TargetModules = ["q_proj"] });
        PeftFolder.Save(_folder.FullPath, adapter, "org/backbone");

        var config = JsonNode.Parse(File.ReadAllText(_folder["adapter_config.json"]))!;
        using var weights = SafetensorsFile.Open(_folder["adapter_model.safetensors"]);

        Assert.Equal("LORA", (string?)config["peft_type"]);
        Assert.Equal("CAUSAL_LM", (string?)config["task_type"]);
        Assert.Equal("org/backbone", (string?)config["base_model_name_or_path"]);
        Assert.Equal(16, (int?)config["lora_alpha"]);
        Assert.Equal(["q_proj"], config["target_modules"]!.AsArray().Select(name => (string)name!));
        Assert.Equal([4, 32], weights.Entries["base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight"].Shape);
        Assert.Equal([32, 4], weights.Entries["base_model.model.model.layers.1.self_attn.q_proj.lora_B.weight"].Shape);
    }

    [Theory]
    [InlineData(AdapterMode.Full, null)]
    [InlineData(AdapterMode.Activated, "[]")]
    public void A_list_that_is_empty_marks_an_expert_that_acts_from_the_last_prompt_token_on(AdapterMode mode, string? expected)
    {
        using var adapter = LoraAdapterTests.Trained(_model, new LoraConfig { Mode = mode });
        PeftFolder.Save(_folder.FullPath, adapter);

        Assert.Equal(expected, JsonNode.Parse(File.ReadAllText(_folder["adapter_config.json"]))!["alora_invocation_tokens"]?.ToJsonString());
        Assert.Equal((mode, null), (PeftConfigFile.Read(_folder.FullPath).Mode, PeftConfigFile.Read(_folder.FullPath).InvocationTokens));
    }

    public static TheoryData<string, string> UnsupportedConfigs => new()
    {
        { """{"peft_type":"ADALORA"}""", "ADALORA" },
        { """{"use_dora":true}""", "use_dora" },
        { """{"bias":"all"}""", "bias" },
        { """{"modules_to_save":["embed_tokens"]}""", "modules_to_save" },
        { """{"fan_in_fan_out":true}""", "fan_in_fan_out" },
        { """{"init_lora_weights":"pissa_niter_16"}""", "pissa_niter_16" },
        { """{"lora_bias":true}""", "lora_bias" },
        { """{"layer_replication":[[0,1]]}""", "layer_replication" },
        { """{"use_qalora":true}""", "use_qalora" },
        { """{"some_future_variant":{"k":2}}""", "some_future_variant" },
        { """{"r":null}""", "'r' is missing" },
        { """{"r":0}""", "ranks from 1" },
        { """{"r":"eight"}""", "wrong type" },
        { """{"target_modules":["q_proj",null]}""", "'target_modules' holds null" },
        { """{"layers_to_transform":[null]}""", "'layers_to_transform' has the wrong type" },
        { """{"alora_invocation_tokens":[null]}""", "'alora_invocation_tokens' has the wrong type" },
        { """{"rank_pattern":{"q_proj":null}}""", "'rank_pattern' has the wrong type: expected numbers by layer" },
        { """{"target_modules":["query_key_value"]}""", "query_key_value" },
        { """{"target_modules":"("}""", "regular expression" },
        { """{"target_modules":[]}""", "target_modules" },
        { """{"exclude_modules":"("}""", "regular expression" },
        { """{"exclude_modules":7}""", "exclude_modules" },
        { """{"r":5}""", "shape" },
        { """{"target_modules":["q_proj","v_proj"]}""", "v_proj.lora_A.weight' is missing" },
        { """{"layers_to_transform":[0]}""", "belongs to no layer" },
    };

    [Theory]
    [MemberData(nameof(UnsupportedConfigs))]
    public void What_cannot_be_computed_is_refused_by_name(string change, string expected)
    {
        using var adapter = LoraAdapterTests.Trained(_model, new LoraConfig { TargetModules = ["q_proj"] });
        PeftFolder.Save(_folder.FullPath, adapter);
        Change(change);

        var error = Assert.Throws<ModelFormatException>(() => PeftFolder.Load(_folder.FullPath, _model));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains(_folder.FullPath, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"init_lora_weights":"gaussian","peft_version":"0.18.0","corda_config":null,"megatron_core":"megatron.core","revision":"main"}""")]
    [InlineData("""{"layers_to_transform":[]}""")]
    [InlineData("""{"auto_mapping":{"base_model_class":"LlamaForCausalLM"},"loftq_config":{},"lora_bias":false,"trainable_token_indices":null}""")]
    public void Fields_that_change_nothing_are_accepted(string change)
    {
        using var adapter = LoraAdapterTests.Trained(_model, new LoraConfig { TargetModules = ["q_proj"] });
        PeftFolder.Save(_folder.FullPath, adapter);
        Change(change);

        using var loaded = PeftFolder.Load(_folder.FullPath, _model);

        Assert.Equal(2, loaded.Layers.Count);
    }

    [Theory]
    [InlineData(".*(q_proj|lm_head)")]
    [InlineData("lm_head|.*q_proj")]
    public void A_pattern_that_covers_the_head_adapts_it(string pattern)
    {
        using var adapter = LoraAdapterTests.Trained(_model, new LoraConfig { TargetModules = ["q_proj", "lm_head"] });
        PeftFolder.Save(_folder.FullPath, adapter);
        Change(new JsonObject { ["target_modules"] = pattern }.ToJsonString());

        using var loaded = PeftFolder.Load(_folder.FullPath, _model);

        Assert.Equal(adapter.Layers.Keys.Order(), loaded.Layers.Keys.Order());
    }

    [Theory]
    [InlineData(@".*layers\.[0]\.self_attn.*", 1)]
    [InlineData("self_attn", 2)]
    [InlineData("", 2)]
    public void A_pattern_of_what_to_leave_out_is_matched_with_whole_paths(string pattern, int layers)
    {
        using var adapter = LoraAdapterTests.Trained(_model, new LoraConfig { TargetModules = ["q_proj"], LayersToTransform = layers == 1 ? [1] : null });
        PeftFolder.Save(_folder.FullPath, adapter);
        Change(new JsonObject { ["layers_to_transform"] = null, ["exclude_modules"] = pattern }.ToJsonString());

        using var loaded = PeftFolder.Load(_folder.FullPath, _model);

        Assert.Equal(adapter.Layers.Keys.Order(), loaded.Layers.Keys.Order());
    }

    [Fact]
    public void A_name_that_the_model_lacks_is_left_alone_where_others_match()
    {
        using var adapter = LoraAdapterTests.Trained(_model, new LoraConfig { TargetModules = ["q_proj"] });
        PeftFolder.Save(_folder.FullPath, adapter);
        Change("""{"target_modules":["q_proj","query_key_value"]}""");

        using var loaded = PeftFolder.Load(_folder.FullPath, _model);

        Assert.Equal(adapter.Layers.Keys.Order(), loaded.Layers.Keys.Order());
        using var again = LoraAdapter.Create(_model, loaded.Config, seed: 1);
        Assert.Equal(adapter.Layers.Keys.Order(), again.Layers.Keys.Order());
        var error = Assert.Throws<ModelFormatException>(() => LoraAdapter.Create(_model, new LoraConfig { TargetModules = ["q_proj", "query_key_value"] }, seed: 1));
        Assert.Contains("query_key_value", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_head_that_is_tied_is_refused_by_its_reason()
    {
        using var adapter = LoraAdapterTests.Trained(_model, new LoraConfig { TargetModules = ["q_proj", "lm_head"] });
        PeftFolder.Save(_folder.FullPath, adapter);
        using var tied = TinyModels.Create(TinyModels.Config(ModelFamily.Qwen2) with { TieWordEmbeddings = true });

        var error = Assert.Throws<ModelFormatException>(() => PeftFolder.Load(_folder.FullPath, tied));

        Assert.Contains("tied to the embeddings", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_that_are_not_finite_are_refused()
    {
        using var adapter = LoraAdapterTests.Trained(_model, new LoraConfig { TargetModules = ["q_proj"] });
        using (no_grad())
        {
            adapter.Layers["model.layers.0.self_attn.q_proj"].B.fill_(double.NaN);
        }

        PeftFolder.Save(_folder.FullPath, adapter);

        var error = Assert.Throws<ModelFormatException>(() => PeftFolder.Load(_folder.FullPath, _model));

        Assert.Contains("not finite", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(0.5, false)]
    public void The_head_that_PEFT_saves_beside_its_factors_must_be_the_backbones(double difference, bool isTaken)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var adapter = LoraAdapterTests.Trained(_model, new LoraConfig { TargetModules = ["q_proj", "lm_head"] });
        PeftFolder.Save(_folder.FullPath, adapter);
        var tensors = new Dictionary<string, Tensor>();
        using (var file = SafetensorsFile.Open(_folder["adapter_model.safetensors"]))
        {
            foreach (var name in file.Entries.Keys)
            {
                tensors[name] = file.Read(name);
            }
        }

        tensors["base_model.model.lm_head.base_layer.weight"] = _model.Projections["lm_head"].Weight.detach() + difference;
        SafetensorsWriter.Write(_folder["adapter_model.safetensors"], tensors, new Dictionary<string, string>());

        if (isTaken)
        {
            using var loaded = PeftFolder.Load(_folder.FullPath, _model);
            Assert.Equal(adapter.Layers.Keys.Order(), loaded.Layers.Keys.Order());
            Assert.Equal(adapter.Bytes, AdapterSummary.Read(_folder.FullPath).Parameters * sizeof(float));
        }
        else
        {
            var error = Assert.Throws<ModelFormatException>(() => PeftFolder.Load(_folder.FullPath, _model));
            Assert.Contains("trained on another one", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_pickled_adapter_is_refused()
    {
        using var adapter = LoraAdapterTests.Trained(_model);
        PeftFolder.Save(_folder.FullPath, adapter);
        File.Move(_folder["adapter_model.safetensors"], _folder["adapter_model.bin"]);

        var error = Assert.Throws<ModelFormatException>(() => PeftFolder.Load(_folder.FullPath, _model));

        Assert.Contains("safetensors", error.Message, StringComparison.Ordinal);
    }

    private void Change(string change)
    {
        var config = JsonNode.Parse(File.ReadAllText(_folder["adapter_config.json"]))!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(change)!.AsObject())
        {
            config[name] = value?.DeepClone();
        }

        File.WriteAllText(_folder["adapter_config.json"], config.ToJsonString());
    }
}
