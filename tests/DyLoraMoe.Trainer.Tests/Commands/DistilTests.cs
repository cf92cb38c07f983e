using System.Diagnostics;
using System.Text.Json.Nodes;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Trainer.Tests.Commands;

public sealed class DistilTests(TinyBackbone backbone) : IClassFixture<TinyBackbone>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task What_noise_did_to_a_grown_backbone_is_taken_back_without_data()
    {
        await GrowAsync();

        var outcome = (await Dylora.RunAsync(
            [.. Verb("taught"), "--noise", "8", "--data", backbone.Data, "--texts", "32", "--steps", "40", "--rate", "0.003", "--json"])).Succeeded();

        var report = JsonNode.Parse(outcome.Output)!;
        var measures = report["measures"]!.AsArray();
        Assert.Equal(["teacher", "student", "with noise", "distilled"], measures.Select(row => (string?)row!["state"]));
        Assert.InRange(Divergence(1), 0, 1e-6);
        Assert.True(Divergence(2) > 1e-3, $"noise did nothing: {Divergence(2)}");
        Assert.True(Divergence(3) < Divergence(2), $"noise {Divergence(2)}, distilled {Divergence(3)}");
        Assert.Equal((40, 0L), ((int)report["steps"]!, (long)report["data_tokens"]!));
        Assert.Equal(ModelConfigFile.Read(_folder["grown"]).IntermediateSize, ModelConfigFile.Read(_folder["taught"]).IntermediateSize);
        Assert.True(File.Exists(Path.Combine(_folder["taught"], "distillation.json")));

        double Divergence(int row) => (double)measures[row]!["divergence"]!;
    }

    [Fact]
    public async Task A_killed_run_goes_on_and_ends_with_the_very_bits_of_one_that_was_not()
    {
        string[] recipe = ["--data", backbone.Data, "--data-share", "0..1", "--learn-from", "samples,random,dreams,data", "--texts", "16", "--steps", "400", "--checkpoint-every", "0.001"];
        await GrowAsync();
        (await Dylora.RunAsync([.. Verb("whole"), .. recipe])).Succeeded();

        using (var killed = DyloraProcess.Start([.. Verb("taught"), .. recipe]))
        {
            await WaitForCheckpointAsync(killed);
            killed.Kill();
            await killed.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Assert.False(Directory.Exists(_folder["taught"]));
        using (var stopped = DyloraProcess.Start([.. Verb("taught"), .. recipe]))
        {
            var first = await stopped.StandardError.ReadLineAsync(TestContext.Current.CancellationToken);
            Assert.Contains("goes on from", first!, StringComparison.Ordinal);
            using var signal = Process.Start("kill", ["-TERM", $"{stopped.Id}"]);
            var outcome = await DyloraProcess.FinishAsync(stopped);
            Assert.Equal(143, outcome.ExitCode);
        }

        (await Dylora.RunAsync([.. Verb("taught"), .. recipe])).Succeeded();

        Assert.Equal(File.ReadAllBytes(Path.Combine(_folder["whole"], "model.safetensors")), File.ReadAllBytes(Path.Combine(_folder["taught"], "model.safetensors")));
        Assert.Equal(["grown", "taught", "whole"], Directory.EnumerateFileSystemEntries(_folder.FullPath).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Noise_is_refused_where_nothing_grew_and_so_is_another_tokenizer()
    {
        var same = await Dylora.RunAsync("distil", "--teacher", backbone.Model, "--student", backbone.Model, "--out", _folder["out"], "--noise", "0.1");
        Assert.Equal(2, same.ExitCode);
        Assert.Contains("was not made by 'dylora grow'", same.ErrorLine, StringComparison.Ordinal);

        var foreign = await Dylora.RunAsync("distil", "--teacher", SharedFiles.Shared("fixtures/llama3"), "--student", backbone.Model, "--out", _folder["out"]);
        Assert.Equal(2, foreign.ExitCode);
        Assert.Contains("tokenizer", foreign.ErrorLine, StringComparison.Ordinal);

        var taken = await Dylora.RunAsync("distil", "--teacher", backbone.Model, "--student", backbone.Model, "--out", backbone.Model);
        Assert.Equal(1, taken.ExitCode);
        Assert.Contains("exists already", taken.ErrorLine, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.FullPath));
    }

    [Fact]
    public async Task A_single_text_is_learnt_from_and_measured()
    {
        await GrowAsync();

        var outcome = (await Dylora.RunAsync(
            [.. Verb("taught"), "--noise", "8", "--data", backbone.Text, "--data-share", "0..1", "--texts", "8", "--steps", "10", "--json"])).Succeeded();

        Assert.Equal(10, (int)JsonNode.Parse(outcome.Output)!["steps"]!);
    }

    [Fact]
    public async Task Data_that_are_too_short_are_named()
    {
        File.WriteAllText(_folder["short.txt"], "too short");

        var outcome = await Dylora.RunAsync("distil", "--teacher", backbone.Model, "--student", backbone.Model, "--out", _folder["out"], "--data", _folder["short.txt"], "--threads", "1");

        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("The data are too short", outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Equal([_folder["short.txt"]], Directory.EnumerateFileSystemEntries(_folder.FullPath));
    }

    public void Dispose() => _folder.Dispose();

    private string[] Verb(string output) =>
        ["distil", "--teacher", backbone.Model, "--student", _folder["grown"], "--out", _folder[output], "--context", "32", "--rows", "4", "--threads", "1"];

    private async Task GrowAsync() => (await Dylora.RunAsync(
        "grow", "--model", backbone.Model, "--out", _folder["grown"], "--feed-forward", "96", "--insert-layers", "1", "--threads", "1")).Succeeded();

    private async Task WaitForCheckpointAsync(Process process)
    {
        var checkpoints = _folder["taught.unfinished/checkpoints"];
        while (!Directory.Exists(checkpoints) || Directory.GetDirectories(checkpoints, "checkpoint-*").Length == 0)
        {
            Assert.False(process.HasExited, "The run ended before its first checkpoint.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
