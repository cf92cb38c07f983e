using DyLoraMoe.Testing;

namespace DyLoraMoe.Trainer.Tests.Commands;

public sealed class OutputInUseTests(TinyBackbone backbone) : IClassFixture<TinyBackbone>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("train", "out")]
    [InlineData("pretrain", "out")]
    [InlineData("distil", "out.unfinished")]
    [InlineData("shrink", "out.unfinished")]
    [InlineData("infinite", "out.unfinished")]
    public async Task A_second_run_with_the_same_output_is_refused_and_writes_nothing(string verb, string held)
    {
        using (Hold(held))
        {
            var second = await Dylora.RunAsync(Verb(verb));

            Assert.Equal(1, second.ExitCode);
            Assert.Contains($"{_folder[held]} is in use by another process", second.Errors, StringComparison.Ordinal);
            Assert.DoesNotContain("makes up", second.Errors, StringComparison.Ordinal);
            Assert.Equal(["lock"], Directory.GetFileSystemEntries(_folder[held]).Select(Path.GetFileName));
        }
    }

    [Fact]
    public async Task Runs_with_outputs_of_their_own_do_not_share_checkpoints()
    {
        using var held = Hold("checkpoints");

        var second = await Dylora.RunAsync([.. Verb("train"), "--checkpoint-dir", _folder["checkpoints"]]);

        Assert.Equal(1, second.ExitCode);
        Assert.Contains($"{_folder["checkpoints"]} is in use by another process", second.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["out"]));
    }

    [Fact]
    public async Task What_a_killed_run_left_keeps_nobody_out_and_is_gone_in_the_end()
    {
        Hold("out").Dispose();

        (await Dylora.RunAsync(Verb("train"))).Succeeded();

        Assert.True(File.Exists(_folder["out/adapter_model.safetensors"]));
        Assert.False(File.Exists(_folder["out/lock"]));
    }

    public void Dispose() => _folder.Dispose();

    private FileStream Hold(string folder)
    {
        Directory.CreateDirectory(_folder[folder]);
        return new FileStream(Path.Combine(_folder[folder], "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
    }

    private string[] Verb(string verb) => verb switch
    {
        "pretrain" => ["pretrain", "--out", _folder["out"], .. TinyBackbone.Recipe(5)],
        "distil" => ["distil", "--teacher", backbone.Model, "--student", backbone.Model, "--out", _folder["out"], "--context", "32", "--rows", "4", "--texts", "8", "--steps", "5", "--threads", "1"],
        "shrink" => ["shrink", "--model", backbone.Model, "--keep", "0.8", "--out", _folder["out"], "--context", "32", "--rows", "4", "--texts", "8", "--steps", "5", "--threads", "1"],
        _ =>
        [
            verb, "--model", backbone.Model, "--data", backbone.Data, "--input-field", "question", "--output-field", "answer", "--out", _folder["out"],
            "--steps", "5", "--rows", "4", "--context", "64", "--threads", "1",
        ],
    };
}
