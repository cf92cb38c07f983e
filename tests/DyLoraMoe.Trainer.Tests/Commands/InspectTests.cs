using System.Text.Json.Nodes;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Trainer.Tests.Commands;

public class InspectTests
{
    [Theory]
    [InlineData("llama-gqa", "llama", true)]
    [InlineData("llama3", "llama", false)]
    [InlineData("qwen2", "qwen2", false)]
    [InlineData("gemma", "gemma", true)]
    public async Task A_model_folder_is_described(string fixture, string family, bool headTied)
    {
        var folder = SharedFiles.Shared($"fixtures/{fixture}");
        var report = await InspectAsync(folder);
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "config.json")))!;
        Assert.Equal("model", (string?)report["kind"]);
        Assert.Equal(family, (string?)report["family"]);
        Assert.Equal(headTied, (bool?)report["head_tied"]);
        Assert.Equal((int?)config["num_hidden_layers"], (int?)report["layers"]);
        Assert.Equal((int?)config["vocab_size"], (int?)report["vocabulary"]);
        Assert.Equal(SafetensorsHeader.Elements(Path.Combine(folder, "model.safetensors")), (long?)report["parameters"]);
        Assert.Contains("q_proj", report["adaptable_layers"]!.AsArray().Select(name => (string?)name));
    }

    [Fact]
    public async Task An_adapter_folder_is_described()
    {
        var report = await InspectAsync(SharedFiles.Shared("fixtures/llama-gqa/adapter"));
        Assert.Equal("adapter", (string?)report["kind"]);
        Assert.Equal("full", (string?)report["mode"]);
        Assert.True((bool?)report["finite"]);
        Assert.Equal(["down_proj", "q_proj", "v_proj"], report["modules"]!.AsArray().Select(name => (string)name!).Order());
    }

    [Fact]
    public async Task Without_json_the_same_is_said_in_lines()
    {
        var outcome = (await Dylora.RunAsync("inspect", SharedFiles.Shared("fixtures/llama-gqa"))).Succeeded();
        Assert.Matches(@"(?m)^family +llama$", outcome.Output);
        Assert.Matches(@"(?m)^parameters +[0-9,]+$", outcome.Output);
    }

    [Fact]
    public async Task A_folder_that_is_neither_is_refused()
    {
        using var folder = new TemporaryFolder();
        var outcome = await Dylora.RunAsync("inspect", folder.FullPath);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("neither config.json", outcome.ErrorLine, StringComparison.Ordinal);
    }

    private static async Task<JsonNode> InspectAsync(string folder)
    {
        var outcome = (await Dylora.RunAsync("inspect", folder, "--json")).Succeeded();
        return JsonNode.Parse(outcome.Output)!;
    }
}
