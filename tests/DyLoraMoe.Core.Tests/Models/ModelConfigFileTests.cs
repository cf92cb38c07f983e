using System.Text.Json.Nodes;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Core.Tests.Models;

public sealed class ModelConfigFileTests
{
    // Family, key/value heads, head size, positions, window of layer 0, tied, bias on queries, activation.
    public static TheoryData<string, int, int, int, int?, bool, bool, FeedForwardActivation> Defaults => new()
    {
        { "llama", 32, 64, 2048, null, false, false, FeedForwardActivation.Silu },
        { "mistral", 8, 64, 131072, 4096, false, false, FeedForwardActivation.Silu },
        { "qwen2", 32, 64, 32768, null, false, true, FeedForwardActivation.Silu },
        { "qwen3", 32, 128, 32768, null, false, false, FeedForwardActivation.Silu },
        { "gemma", 16, 256, 8192, null, true, false, FeedForwardActivation.GeluTanh },
    };

    public static TheoryData<string> Families => [.. Defaults.Select(row => row.Data.Item1)];

    [Theory]
    [MemberData(nameof(Defaults))]
    public void What_a_file_leaves_out_is_what_transformers_takes(
        string family, int keyValueHeads, int headSize, int positions, int? window, bool tied, bool qkvBias, FeedForwardActivation activation)
    {
        var config = Read(family);

        Assert.Equal((keyValueHeads, headSize, positions, window), (config.KeyValueHeads, config.HeadSize, config.MaxPositions, config.WindowOf(0)));
        Assert.Equal((tied, qkvBias, false, false), (config.TieWordEmbeddings, config.QkvBias, config.OutputBias, config.FeedForwardBias));
        Assert.Equal((1e-6, 10_000, null, activation), (config.NormEpsilon, config.RopeTheta, config.RopeScaling, config.Activation));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Key_and_value_heads_that_are_null_are_as_many_as_heads(string family)
        => Assert.Equal(32, Read(family, """{"num_key_value_heads": null}""").KeyValueHeads);

    [Theory]
    [InlineData("mistral", """{"sliding_window": null}""", null, null)]
    [InlineData("mistral", """{"sliding_window": 7}""", 7, 7)]
    [InlineData("llama", """{"sliding_window": 7}""", null, null)]
    [InlineData("qwen2", """{"use_sliding_window": true}""", null, 4096)]
    [InlineData("qwen3", """{"use_sliding_window": true, "max_window_layers": 0}""", 4096, 4096)]
    [InlineData("qwen3", """{"use_sliding_window": true, "max_window_layers": 0, "sliding_window": null}""", null, null)]
    public void A_window_is_the_familys_unless_the_file_has_one(string family, string fields, int? first, int? last)
    {
        var config = Read(family, fields);

        Assert.Equal((first, last), (config.WindowOf(0), config.WindowOf(31)));
    }

    [Theory]
    [InlineData("llama", true, true, true)]
    [InlineData("mistral", false, false, false)]
    [InlineData("qwen2", true, false, false)]
    [InlineData("qwen3", true, true, false)]
    [InlineData("gemma", true, true, false)]
    public void Biases_are_where_the_familys_layers_have_them(string family, bool queries, bool output, bool feedForward)
    {
        var config = Read(family, """{"attention_bias": true, "mlp_bias": true}""");

        Assert.Equal((queries, output, feedForward), (config.QkvBias, config.OutputBias, config.FeedForwardBias));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void What_was_read_is_read_again_from_what_is_written(string family)
    {
        using var folder = new TemporaryFolder();
        var config = Read(family, """{"attention_bias": true, "mlp_bias": true, "eos_token_id": 2}""");

        ModelConfigFile.Write(folder.FullPath, config);
        var again = ModelConfigFile.Read(folder.FullPath);

        Assert.Equal(config with { EosTokenIds = [] }, again with { EosTokenIds = [] });
    }

    private static ModelConfig Read(string family, string fields = "{}")
    {
        JsonObject json = new()
        {
            ["model_type"] = family,
            ["hidden_size"] = 2048,
            ["intermediate_size"] = 4096,
            ["num_hidden_layers"] = 32,
            ["num_attention_heads"] = 32,
            ["vocab_size"] = 1000,
        };
        foreach (var (name, value) in JsonNode.Parse(fields)!.AsObject())
        {
            json[name] = value?.DeepClone();
        }

        return ModelConfigFile.Of(json);
    }
}
