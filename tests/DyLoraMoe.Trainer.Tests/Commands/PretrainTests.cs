using System.Diagnostics;
using System.Text.Json.Nodes;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Trainer.Tests.Commands;

public class PretrainTests(TinyBackbone backbone) : IClassFixture<TinyBackbone>
{
    [Fact]
    public void The_loss_falls_and_every_family_is_measured()
    {
        var report = JsonNode.Parse(backbone.Pretraining.Succeeded().Output)!;
        Assert.InRange((double)report["held_out_loss"]!, 0.5, Math.Log(320) - 1);
        Assert.NotEmpty(report["loss_by_family"]!.AsObject());
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("generation_config.json")]
    [InlineData("model.safetensors")]
    [InlineData("tokenizer.json")]
    [InlineData("tokenizer_config.json")]
    [InlineData("pretrain.json")]
    [InlineData("README.md")]
    [InlineData("log.jsonl")]
    public void The_folder_is_complete(string file) => Assert.True(new FileInfo(Path.Combine(backbone.Model, file)).Length > 0);

    [Fact]
    public void Checkpoints_are_gone_once_the_model_is_saved() => Assert.False(Directory.Exists(Path.Combine(backbone.Model, "checkpoints")));

    [Fact]
    public void The_card_names_what_was_seen_and_what_was_kept_out()
    {
        var card = File.ReadAllText(Path.Combine(backbone.Model, "README.md"));
        Assert.Contains("| arithmetic |", card, StringComparison.Ordinal);
        Assert.Contains("| reverse |", card, StringComparison.Ordinal);
        Assert.Contains("nats per token", card, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_describes_model_and_tokenizer()
    {
        var report = JsonNode.Parse((await Dylora.RunAsync("inspect", backbone.Model, "--json")).Succeeded().Output)!;
        Assert.Equal("bfloat16", (string?)report["dtype"]);
        Assert.Equal(320, (int?)report["tokenizer_vocabulary"]);
        Assert.Equal("jinja", (string?)report["chat_template"]);
    }

    [Fact]
    public async Task The_same_configuration_gives_the_same_weights()
    {
        using var folder = new TemporaryFolder();
        (await Dylora.RunAsync(["pretrain", "--config", Path.Combine(backbone.Model, "pretrain.json"), "--threads", "1", "--out", folder["again"]])).Succeeded();
        Assert.Equal(File.ReadAllBytes(Path.Combine(backbone.Model, "model.safetensors")), File.ReadAllBytes(Path.Combine(folder["again"], "model.safetensors")));
    }

    [Fact]
    public async Task Text_files_can_take_the_place_of_the_corpus()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["text.txt"], string.Concat(Enumerable.Repeat("The cat sat on the mat. The dog sat on the log. ", 400)));
        var outcome = await Dylora.RunAsync(["pretrain", .. TinyBackbone.Recipe(10), "--data", folder["text.txt"], "--out", folder["model"]]);
        outcome.Succeeded();
        Assert.Contains("text.txt", File.ReadAllText(Path.Combine(folder["model"], "README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tokenizer_that_is_given_comes_with_its_template_and_added_tokens()
    {
        using var folder = new TemporaryFolder();
        var given = Directory.CreateDirectory(folder["given"]).FullName;
        File.Copy(Path.Combine(backbone.Model, "tokenizer.json"), Path.Combine(given, "tokenizer.json"));
        File.Copy(Path.Combine(backbone.Model, "tokenizer_config.json"), Path.Combine(given, "tokenizer_config.json"));
        File.WriteAllText(Path.Combine(given, "chat_template.jinja"), "{{ messages[0].content }}");
        File.WriteAllText(Path.Combine(given, "added_tokens.json"), """{ "<|mine|>": 320 }""");

        (await Dylora.RunAsync(["pretrain", .. TinyBackbone.Recipe(2), "--data", backbone.Text, "--tokenizer", given, "--out", folder["model"]])).Succeeded();

        Assert.Equal("{{ messages[0].content }}", File.ReadAllText(Path.Combine(folder["model"], "chat_template.jinja")));
        Assert.Equal(321, (int?)JsonNode.Parse((await Dylora.RunAsync("inspect", folder["model"], "--json")).Succeeded().Output)!["tokenizer_vocabulary"]);
    }

    [Fact]
    public async Task A_model_that_is_there_keeps_its_tokenizer_until_another_takes_its_place()
    {
        using var folder = new TemporaryFolder();
        var model = folder.CopyOf(backbone.Model, "model");
        File.WriteAllText(Path.Combine(model, "chat_template.jinja"), "of the first alone");
        string[] other = ["pretrain", .. TinyBackbone.Recipe(400), "--data", backbone.Text, "--checkpoint-every", "0.001"];
        using (var process = DyloraProcess.Start([.. other, "--out", model]))
        {
            var checkpoints = Path.Combine(model, "checkpoints");
            while (!process.HasExited && (!Directory.Exists(checkpoints) || Directory.GetDirectories(checkpoints, "checkpoint-*").Length == 0))
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }

            using var signal = Process.Start("kill", ["-TERM", $"{process.Id}"]);
            Assert.Equal(143, (await DyloraProcess.FinishAsync(process)).ExitCode);
        }

        Assert.Equal(Read(backbone.Model, "model.safetensors"), Read(model, "model.safetensors"));
        Assert.Equal(Read(backbone.Model, "tokenizer.json"), Read(model, "tokenizer.json"));
        Assert.True(File.Exists(Path.Combine(model, "chat_template.jinja")));

        var resumed = (await DyloraProcess.RunAsync([.. other, "--out", model])).Succeeded();
        (await DyloraProcess.RunAsync([.. other, "--out", folder["whole"]])).Succeeded();
        Assert.Contains("goes on from", resumed.Errors, StringComparison.Ordinal);
        Assert.All(["model.safetensors", "tokenizer.json"], file => Assert.Equal(Read(folder["whole"], file), Read(model, file)));
        Assert.NotEqual(Read(backbone.Model, "tokenizer.json"), Read(model, "tokenizer.json"));
        Assert.False(File.Exists(Path.Combine(model, "chat_template.jinja")));
        Assert.False(Directory.Exists(Path.Combine(model, "checkpoints")));

        static byte[] Read(string of, string file) => File.ReadAllBytes(Path.Combine(of, file));
    }

    [Fact]
    public async Task Of_a_single_text_the_vocabulary_is_learnt_from_its_beginning_and_a_hundredth_is_measured()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["config.json"], """{ "tokenizer": { "training_characters": 2000 } }""");

        var outcome = await Dylora.RunAsync(
            ["pretrain", "--config", folder["config.json"], .. TinyBackbone.Recipe(10), "--data", backbone.Text, "--out", folder["model"], "--json"]);

        var report = JsonNode.Parse(outcome.Succeeded().Output)!;
        Assert.True((double)report["loss_by_family"]!["files"]! > 0, outcome.Output);
        Assert.True((double)report["held_out_loss"]! > 0, outcome.Output);
        var inspected = JsonNode.Parse((await Dylora.RunAsync("inspect", folder["model"], "--json")).Succeeded().Output)!;
        Assert.InRange((int)inspected["tokenizer_vocabulary"]!, 270, 320);
    }

    [Fact]
    public async Task A_card_says_that_nothing_was_measured_where_nothing_was_held_out()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["short.txt"], string.Join(' ', Enumerable.Range(100, 120)));

        (await Dylora.RunAsync(["pretrain", .. TinyBackbone.Recipe(2), "--data", folder["short.txt"], "--out", folder["model"]])).Succeeded();

        Assert.Contains("nothing was measured", File.ReadAllText(Path.Combine(folder["model"], "README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_configuration_can_be_printed_and_read_back()
    {
        using var folder = new TemporaryFolder();
        var printed = (await Dylora.RunAsync("pretrain", "--out", folder["x"], "--layers", "3", "--optimizer", "apollo-mini", "--print-config")).Succeeded().Output;
        File.WriteAllText(folder["config.json"], printed);
        var again = (await Dylora.RunAsync("pretrain", "--out", folder["x"], "--config", folder["config.json"], "--print-config")).Succeeded().Output;
        Assert.Equal(printed, again);
        Assert.Equal(3, (int?)JsonNode.Parse(printed)!["model"]!["layers"]);
        Assert.Equal(1, (int?)JsonNode.Parse(printed)!["training"]!["apollo"]!["rank"]);
    }

    [Theory]
    [InlineData("""{ "modle": {} }""", "modle")]
    [InlineData("""{ "model": { "hidden_size": 30, "heads": 4 } }""", "hidden_size")]
    [InlineData("""{ "model": { "layers": "two" } }""", "layers")]
    [InlineData("""{ "stored_type": "int8" }""", "StoredType")]
    [InlineData("{", "config.json")]
    public async Task A_configuration_that_means_nothing_is_refused(string json, string expected)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["config.json"], json);
        var outcome = await Dylora.RunAsync("pretrain", "--out", folder["x"], "--config", folder["config.json"]);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(expected, outcome.ErrorLine, StringComparison.Ordinal);
    }
}
