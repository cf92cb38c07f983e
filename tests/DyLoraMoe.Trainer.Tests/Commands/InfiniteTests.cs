using System.Text.Json.Nodes;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Tests.Commands;

public sealed class InfiniteTests(TinyBackbone backbone) : IClassFixture<TinyBackbone>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task An_expert_of_the_rank_that_was_found_is_an_ordinary_expert()
    {
        var outcome = (await Dylora.RunAsync(
            "infinite", "--model", backbone.Model, "--data", backbone.Data, "--out", _folder["expert"], "--rank", "2", "--targets", "v_proj,up_proj", "--steps", "60", "--seeding-rate", "0.01",
            "--rate", "0.01", "--context", "32", "--review-every", "10", "--json", "--threads", "1")).Succeeded();

        var report = JsonNode.Parse(outcome.Output)!;
        Assert.True((double)report["loss_of_the_result"]! < (double)report["loss_at_the_start"]!, outcome.Output);
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder["expert"], "adapter_config.json")))!;
        Assert.Equal((int)report["rank"]!, (int)config["r"]!);
        Assert.Equal(2, (double)config["lora_alpha"]! / (int)config["r"]!, 1e-6);
        Assert.Equal(7, JsonNode.Parse(File.ReadAllText(Path.Combine(_folder["expert"], "infinite.json")))!["training"]!["trace"]!.AsArray().Count);
        Assert.StartsWith("<svg", File.ReadAllText(Path.Combine(_folder["expert"], "infinite.svg")), StringComparison.Ordinal);
        (await Dylora.RunAsync("evaluate", "--model", backbone.Model, "--adapter", _folder["expert"], "--data", backbone.Data, "--json", "--threads", "1")).Succeeded();
        Assert.NotEmpty(File.ReadAllLines(Path.Combine(_folder["expert"], "log.jsonl")));
        Assert.Equal([_folder["expert"]], Directory.EnumerateFileSystemEntries(_folder.FullPath));
    }

    [Fact]
    public async Task A_model_of_the_sizes_that_were_found_is_an_ordinary_backbone()
    {
        var outcome = (await Dylora.RunAsync(
            "infinite", "--model", backbone.Model, "--axis", "feed-forward,depth,heads", "--data", backbone.Data, "--out", _folder["model"], "--loss", "everything", "--steps", "40",
            "--seeding-rate", "0.003", "--rate", "0.003", "--context", "32", "--review-every", "10", "--speed", "0.2", "--json", "--threads", "1")).Succeeded();

        var (report, config) = (JsonNode.Parse(outcome.Output)!, ModelConfigFile.Read(_folder["model"]));
        Assert.Equal(
            ((int)report["feed_forward"]!, (int)report["depth"]!, (int)report["heads"]!), (config.IntermediateSize, config.Layers, config.KeyValueHeads));
        Assert.Equal(ScalarType.BFloat16, config.StoredType);
        var measured = (await Dylora.RunAsync(
            "evaluate", "--model", _folder["model"], "--data", backbone.Data, "--loss", "everything", "--held-out", "10", "--context", "32", "--json", "--threads", "1")).Succeeded();
        Assert.Equal((double)JsonNode.Parse(measured.Output)!["backbone"]!["nats_per_token"]!, (double)report["loss_of_the_result"]!, 1e-6);
        Assert.NotEmpty(File.ReadAllLines(Path.Combine(_folder["model"], "log.jsonl")));
        Assert.Equal([_folder["model"]], Directory.EnumerateFileSystemEntries(_folder.FullPath));
    }

    [Theory]
    [InlineData("either rank, or axes of a model", "--axis", "rank,depth")]
    [InlineData("found 'width'", "--axis", "width")]
    [InlineData("what they remember has a size", "--rollbacks", "2")]
    [InlineData("--gravity", "--gravity", "2")]
    [InlineData("64 units at the start and at most 63", "--axis", "feed-forward", "--most", "63")]
    [InlineData("16 units at the start and at most 8", "--rank", "16", "--most", "8")]
    public async Task A_bad_command_line_is_refused_with_one_line_and_leaves_nothing(string reason, params string[] args)
    {
        var outcome = await Dylora.RunAsync(["infinite", "--model", backbone.Model, "--data", backbone.Data, "--out", _folder["expert"], .. args]);

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(reason, outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.FullPath));
    }

    public void Dispose() => _folder.Dispose();
}
