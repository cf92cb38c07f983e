using System.Text.Json.Nodes;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Trainer.Tests.Commands;

public sealed class ShrinkTests(TinyBackbone backbone) : IClassFixture<TinyBackbone>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_copy_of_half_the_size_that_learnt_from_the_model_is_an_ordinary_backbone()
    {
        var outcome = (await Dylora.RunAsync(
            "shrink", "--model", backbone.Model, "--out", _folder["half"], "--keep", "0.8", "--data", backbone.Data, "--learn-from", "samples,data", "--texts", "16",
            "--context", "32", "--steps", "20", "--rate", "0.003", "--json", "--threads", "1")).Succeeded();

        var report = JsonNode.Parse(outcome.Output)!;
        var measures = report["measures"]!.AsArray();
        Assert.Equal(["model", "copy", "distilled"], measures.Select(row => (string?)row!["state"]));
        Assert.InRange((long)report["parameters_after"]!, 1, (long)(0.8 * (long)report["parameters_before"]!));
        Assert.True(Loss(2) < Loss(1), $"cut {Loss(1)}, distilled {Loss(2)}");
        Assert.True((double)measures[2]!["lost_per_million_saved"]! < (double)measures[1]!["lost_per_million_saved"]!);
        Assert.Equal(0, (double)measures[0]!["divergence"]!);
        Assert.Equal(["half"], Directory.EnumerateFileSystemEntries(_folder.FullPath).Select(Path.GetFileName));
        Assert.Equal(ModelConfigFile.Read(backbone.Model).StoredType, ModelConfigFile.Read(_folder["half"]).StoredType);
        (await Dylora.RunAsync("inspect", _folder["half"])).Succeeded();
        var evaluated = (await Dylora.RunAsync("evaluate", "--model", _folder["half"], "--data", backbone.Data, "--json", "--threads", "1")).Succeeded();
        Assert.NotNull(JsonNode.Parse(evaluated.Output)!["backbone"]!["nats_per_token"]);
        Assert.StartsWith("sha256:", (string?)JsonNode.Parse(File.ReadAllText(Path.Combine(_folder["half"], "shrink.json")))!["from"], StringComparison.Ordinal);
        Assert.NotEmpty(File.ReadAllLines(Path.Combine(_folder["half"], "log.jsonl")));

        double Loss(int row) => (double)measures[row]!["nats_per_token"]!;
    }

    [Theory]
    [InlineData("llama-gqa", "--layers", "1", "--heads", "2", "--feed-forward", "16")]
    [InlineData("gemma", "--hidden", "16")]
    public async Task Sizes_are_what_was_asked_for(string fixture, params string[] sizes)
    {
        var model = SharedFiles.Shared($"fixtures/{fixture}");

        var outcome = (await Dylora.RunAsync(
            ["shrink", "--model", model, "--out", _folder["small"], "--texts", "8", "--context", "16", "--threads", "1", .. sizes])).Succeeded();

        Assert.Contains("lost per million saved", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("the model makes up", outcome.Output, StringComparison.Ordinal);
        var (before, after) = (ModelConfigFile.Read(model), ModelConfigFile.Read(_folder["small"]));
        for (var at = 0; at < sizes.Length; at += 2)
        {
            var found = sizes[at] switch { "--layers" => after.Layers, "--heads" => after.Heads, "--feed-forward" => after.IntermediateSize, _ => after.HiddenSize };
            Assert.Equal(int.Parse(sizes[at + 1], System.Globalization.CultureInfo.InvariantCulture), found);
        }

        Assert.Equal(before.QueriesPerKeyValueHead, after.QueriesPerKeyValueHead);
    }

    [Fact]
    public async Task Without_an_output_the_table_is_printed_and_nothing_is_written()
    {
        var outcome = (await Dylora.RunAsync(
            "shrink", "--model", backbone.Model, "--keep", "0.9", "--texts", "8", "--context", "16", "--threads", "1")).Succeeded();

        Assert.Contains("copy", outcome.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.FullPath));
    }

    [Theory]
    [InlineData("Nothing to shrink")]
    [InlineData("leave the sizes out", "--keep", "0.5", "--layers", "1")]
    [InlineData("a copy cannot have 9 layers", "--layers", "9")]
    [InlineData("the smallest with this hidden width", "--keep", "0.01")]
    [InlineData("needs data", "--keep", "0.8", "--data-share", "0..1")]
    [InlineData("needs data", "--keep", "0.8", "--learn-from", "data")]
    [InlineData("--learn-from dreams needs data", "--keep", "0.8", "--learn-from", "random,dreams")]
    [InlineData("read at most 64", "--keep", "0.8", "--context", "100")]
    [InlineData("found '1..0..1'", "--keep", "0.8", "--data-share", "1..0..1")]
    [InlineData("found 'books'", "--keep", "0.8", "--learn-from", "books")]
    [InlineData("--keep", "--keep", "1.5")]
    public async Task A_bad_command_line_is_refused_with_one_line_and_leaves_nothing(string reason, params string[] args)
    {
        var outcome = await Dylora.RunAsync(["shrink", "--model", backbone.Model, "--out", _folder["small"], .. args]);

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(reason, outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.FullPath));
    }

    public void Dispose() => _folder.Dispose();
}
