using System.Text.Json.Nodes;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Tests.Commands;

public sealed class GrowTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("llama-gqa")]
    [InlineData("gemma")]
    public async Task A_grown_folder_loads_everywhere_and_computes_what_the_model_did(string fixture)
    {
        var model = SharedFiles.Shared($"fixtures/{fixture}");
        var config = ModelConfigFile.Read(model);

        var outcome = (await Dylora.RunAsync(
            "grow", "--model", model, "--out", _folder["grown"], "--insert-layers", $"0,{config.Layers}", "--hidden", $"{config.HiddenSize + 16}",
            "--feed-forward", $"{config.IntermediateSize + 8}", "--heads", $"{config.Heads * 2}", "--head-size", $"{config.HeadSize * 2}", "--threads", "1")).Succeeded();

        Assert.Contains($"hidden width {config.HiddenSize} -> {config.HiddenSize + 16}", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("largest difference", outcome.Output, StringComparison.Ordinal);
        var grown = ModelConfigFile.Read(_folder["grown"]);
        Assert.Equal(
            (config.Layers + 2, config.HiddenSize + 16, config.IntermediateSize + 8, config.Heads * 2, config.HeadSize * 2),
            (grown.Layers, grown.HiddenSize, grown.IntermediateSize, grown.Heads, grown.HeadSize));
        var expected = Path.Combine(model, "expected.safetensors");
        (await Dylora.RunAsync("logits", "--model", _folder["grown"], "--input", expected, "--output", _folder["out.safetensors"])).Succeeded();
        Assert.InRange(Read(expected).DistanceTo(Read(_folder["out.safetensors"])), 0, 1e-4);
        (await Dylora.RunAsync("inspect", _folder["grown"])).Succeeded();
    }

    [Fact]
    public async Task A_plan_file_says_the_same_and_is_kept_beside_the_weights()
    {
        var model = SharedFiles.Shared("fixtures/llama-gqa");
        File.WriteAllText(_folder["plan.json"], """
            {
              "seed": 5,
              "operators": [
                { "operator": "unshare_key_values", "times": 2 },
                { "operator": "insert_layers", "at": 1, "count": 2, "start": "neighbour" },
                { "operator": "widen_feed_forward", "to": 200, "variant": "zero_padded" },
                { "operator": "raise_rank", "to": 8 },
              ],
            }
            """);

        var outcome = (await Dylora.RunAsync(
            "grow", "--model", model, "--out", _folder["grown"], "--plan", _folder["plan.json"], "--adapter", Path.Combine(model, "adapter"), "--json")).Succeeded();

        var report = JsonNode.Parse(outcome.Output)!;
        Assert.Equal(4, report["steps"]!.AsArray().Count);
        Assert.InRange(report["largest_difference"]!.GetValue<double>(), 0, 1e-5);
        Assert.InRange(report["difference_with_adapter"]!.GetValue<double>(), 0, 1e-5);
        Assert.True(report["steps"]![2]!["learn_not_without_noise"]!.GetValue<long>() > 0);
        using (var grown = ModelFolder.Load(_folder["grown"]))
        {
            using var adapter = PeftFolder.Load(Path.Combine(_folder["grown"], "adapters", "adapter"), grown);
            Assert.Equal(8, adapter.Config.Rank);
        }

        var record = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder["grown"], "growth.json")))!;
        Assert.StartsWith("sha256:", record["from"]!.GetValue<string>(), StringComparison.Ordinal);
        File.WriteAllText(_folder["again.json"], record["plan"]!.ToJsonString());
        (await Dylora.RunAsync("grow", "--model", model, "--out", _folder["again"], "--plan", _folder["again.json"])).Succeeded();
        Assert.Equal(File.ReadAllBytes(Path.Combine(_folder["grown"], "model.safetensors")), File.ReadAllBytes(Path.Combine(_folder["again"], "model.safetensors")));
    }

    [Fact]
    public async Task Without_an_output_the_plan_is_printed_and_nothing_is_written()
    {
        var outcome = (await Dylora.RunAsync("grow", "--model", SharedFiles.Shared("fixtures/qwen2"), "--feed-forward", "300")).Succeeded();

        Assert.Contains("-> 300", outcome.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("largest difference", outcome.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.FullPath));
    }

    [Theory]
    [InlineData("head size", "--head-size", "24")]
    [InlineData("larger number", "--hidden", "8")]
    [InlineData("Nothing to grow")]
    [InlineData("There is no operator 'widen'", "--plan", """{"operators":[{"operator":"widen","to":3}]}""")]
    [InlineData("needs 'to'", "--plan", """{"operators":[{"operator":"widen_hidden"}]}""")]
    [InlineData("does not take 'at'", "--plan", """{"operators":[{"operator":"widen_hidden","to":300,"at":1}]}""")]
    [InlineData("operator 2 of 2", "--plan", """{"operators":[{"operator":"widen_hidden","to":300},{"operator":"widen_hidden","to":200}]}""")]
    [InlineData("leave the options", "--hidden", "300", "--plan", """{"operators":[]}""")]
    [InlineData("'operators' is null", "--plan", """{"operators":null}""")]
    [InlineData("Operator 2 of 2 is null", "--plan", """{"operators":[{"operator":"widen_hidden","to":300},null]}""")]
    [InlineData("There is no operator ''", "--plan", """{"operators":[{"operator":null,"to":300}]}""")]
    [InlineData("pieces of new token 2 of 2", "--plan", """{"operators":[{"operator":"extend_vocabulary","to":162,"pieces":[[1],null]}]}""")]
    [InlineData("add_heads has 2147483646 as 'count', expected at most 4096", "--plan", """{"operators":[{"operator":"add_heads","count":2147483646}]}""")]
    [InlineData("insert_layers has 2147483647 as 'count'", "--plan", """{"operators":[{"operator":"insert_layers","at":1,"count":2147483647}]}""")]
    [InlineData("widen_feed_forward has 2147483647 as 'to', expected at most 16777216", "--plan", """{"operators":[{"operator":"widen_feed_forward","to":2147483647}]}""")]
    [InlineData("widen_heads has 2147483616 as 'to', expected at most 65536", "--plan", """{"operators":[{"operator":"widen_heads","to":2147483616}]}""")]
    [InlineData("unshare_key_values has 2147483647 as 'times'", "--plan", """{"operators":[{"operator":"unshare_key_values","times":2147483647}]}""")]
    [InlineData("rank 1 is refused", "--rank", "1", "--adapter", "adapter")]
    public async Task A_bad_plan_is_refused_with_one_line_and_leaves_nothing(string reason, params string[] args)
    {
        var model = SharedFiles.Shared("fixtures/llama-gqa");
        var given = args.Select(arg => arg.StartsWith('{') ? Saved(arg) : arg == "adapter" ? Path.Combine(model, "adapter") : arg);

        var outcome = await Dylora.RunAsync(["grow", "--model", model, "--out", _folder["grown"], .. given]);

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(reason, outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateDirectories(_folder.FullPath));
    }

    [Fact]
    public async Task A_folder_that_exists_is_not_touched_and_what_differs_is_not_published()
    {
        var model = SharedFiles.Shared("fixtures/llama3");
        Directory.CreateDirectory(_folder["taken"]);
        var taken = await Dylora.RunAsync("grow", "--model", model, "--out", _folder["taken"], "--feed-forward", "300");
        Assert.Equal(1, taken.ExitCode);
        Assert.Contains("exists already", taken.ErrorLine, StringComparison.Ordinal);

        // In bfloat16 the factors of another width are rounded, and so would be the function, with new tokens or without.
        foreach (string[] tokens in new string[][] { [], ["--vocabulary", "200"] })
        {
            var rounded = await Dylora.RunAsync(["grow", "--model", model, "--out", _folder["rounded"], "--hidden", "100", "--stored-as", "bfloat16", .. tokens]);
            Assert.Equal(3, rounded.ExitCode);
            Assert.Contains("differ by", rounded.ErrorLine, StringComparison.Ordinal);
            Assert.Contains("more than 1e-5 of the largest", rounded.ErrorLine, StringComparison.Ordinal);
        }

        (await Dylora.RunAsync("grow", "--model", model, "--out", _folder["taken/rounded"], "--hidden", "100", "--stored-as", "bfloat16", "--tolerance", "0.5")).Succeeded();
        (await Dylora.RunAsync("grow", "--model", model, "--out", _folder["taken/new"], "--vocabulary", "200")).Succeeded();
        Assert.Equal([_folder["taken"]], Directory.EnumerateFileSystemEntries(_folder.FullPath));
    }

    public void Dispose() => _folder.Dispose();

    private string Saved(string plan)
    {
        File.WriteAllText(_folder["plan.json"], plan);
        return _folder["plan.json"];
    }

    private static Tensor Read(string path)
    {
        using var file = SafetensorsFile.Open(path);
        return file.Read("logits");
    }
}
