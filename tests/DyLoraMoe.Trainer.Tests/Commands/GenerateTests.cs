using System.IO.Compression;
using System.Text.Json.Nodes;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Trainer.Tests.Commands;

public class GenerateTests(TinyBackbone backbone) : IClassFixture<TinyBackbone>
{
    [Fact]
    public async Task A_prompt_may_come_from_the_command_line_or_from_standard_input()
    {
        var given = (await GenerateAsync("--prompt", "The cat")).Succeeded();
        var piped = (await DyloraProcess.RunAsync("The cat", ["generate", "--model", backbone.Model, "--max-tokens", "12"])).Succeeded();
        Assert.Equal(given.Output, piped.Output);
        Assert.EndsWith("\n", given.Output, StringComparison.Ordinal);
        Assert.Empty(given.Errors);
    }

    [Fact]
    public async Task A_file_of_prompts_gives_what_each_gives_alone()
    {
        using var folder = new TemporaryFolder();
        string[] prompts = ["The cat", "Anna and Tom went to", "{"];
        File.WriteAllLines(folder["prompts.txt"], prompts);
        var batch = (await GenerateAsync("--prompts-file", folder["prompts.txt"], "--batch", "2")).Succeeded();
        var lines = batch.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(prompts, lines.Select(line => (string)line["prompt"]!));
        for (var index = 0; index < prompts.Length; index++)
        {
            var alone = (await GenerateAsync("--prompt", prompts[index])).Succeeded();
            Assert.Equal(alone.Output, (string)lines[index]["text"]! + "\n");
        }
    }

    [Theory]
    [InlineData("prompts.NDJSON", """
        {"prompt": "The cat", "other": 1}

        {"prompt": "Anna\nand Tom"}
        """)]
    [InlineData("prompts.csv", "other,prompt\n1,The cat\n2,\"Anna\nand Tom\"\n")]
    public async Task Prompts_are_read_as_data_files_are(string name, string content)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder[name], content);
        using (var packed = new GZipStream(File.Create(folder[name + ".gz"]), CompressionMode.Compress))
        {
            packed.Write(File.ReadAllBytes(folder[name]));
        }

        var plain = (await GenerateAsync("--prompts-file", folder[name])).Succeeded();
        var unpacked = (await GenerateAsync("--prompts-file", folder[name + ".gz"])).Succeeded();

        var prompts = plain.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => (string?)JsonNode.Parse(line)!["prompt"]);
        Assert.Equal(["The cat", "Anna\nand Tom"], prompts);
        Assert.Equal(plain.Output, unpacked.Output);
    }

    [Fact]
    public async Task Prompts_that_are_no_text_are_refused_by_file_and_line()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["prompts.txt"], [.. "The cat\nAnna "u8, 0xE9, (byte)'\n']);

        var outcome = await GenerateAsync("--prompts-file", folder["prompts.txt"]);

        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("prompts.txt", outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Contains("UTF-8 text", outcome.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sampling_follows_from_the_seed()
    {
        string[] sampled = ["--prompt", "The", "--temperature", "1.5", "--seed"];
        var first = (await GenerateAsync([.. sampled, "1"])).Succeeded();
        var again = (await GenerateAsync([.. sampled, "1"])).Succeeded();
        var other = (await GenerateAsync([.. sampled, "2"])).Succeeded();
        Assert.Equal(first.Output, again.Output);
        Assert.NotEqual(first.Output, other.Output);
    }

    [Fact]
    public async Task What_is_not_asked_for_is_as_the_models_makers_generate()
    {
        using var folder = new TemporaryFolder();
        var model = folder.CopyOf(backbone.Model, "model");
        File.WriteAllText(Path.Combine(model, "generation_config.json"), """{ "do_sample": true, "temperature": 1.5, "top_k": 0, "max_new_tokens": 12 }""");
        string[] seeded = ["--prompt", "The", "--seed", "1"];

        var usual = (await Dylora.RunAsync(["generate", "--model", model, .. seeded])).Succeeded();
        var cold = (await Dylora.RunAsync(["generate", "--model", model, .. seeded, "--temperature", "0"])).Succeeded();

        Assert.Equal((await GenerateAsync([.. seeded, "--temperature", "1.5"])).Succeeded().Output, usual.Output);
        Assert.Equal((await GenerateAsync(seeded)).Succeeded().Output, cold.Output);
    }

    [Fact]
    public async Task A_generation_config_that_cannot_be_right_is_refused_by_file_and_field()
    {
        using var folder = new TemporaryFolder();
        var model = folder.CopyOf(backbone.Model, "model");
        File.WriteAllText(Path.Combine(model, "generation_config.json"), """{ "do_sample": true, "top_p": 2 }""");

        var outcome = await Dylora.RunAsync("generate", "--model", model, "--prompt", "The");

        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("generation_config.json: 'top_p' is 2", outcome.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_text_ends_the_answer_and_is_not_part_of_it()
    {
        var whole = (await GenerateAsync("--prompt", "The cat")).Succeeded().Output;
        var stop = whole.Substring(whole.Length / 2, 1);
        var stopped = (await GenerateAsync("--prompt", "The cat", "--stop", stop, "--json")).Succeeded();
        var line = JsonNode.Parse(stopped.Output)!;
        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], (string?)line["text"]);
        Assert.Equal("stop", (string?)line["finish_reason"]);
    }

    [Fact]
    public async Task A_chat_uses_the_template_of_the_model()
    {
        string[] asked = ["--prompt", "Hello. My name is Anna.", "--temperature", "1"];
        var plain = (await GenerateAsync(asked)).Succeeded();
        var chat = (await GenerateAsync([.. asked, "--chat"])).Succeeded();
        Assert.NotEqual(plain.Output, chat.Output);
    }

    [Fact]
    public async Task A_model_without_a_tokenizer_is_refused_with_one_line()
    {
        var outcome = await Dylora.RunAsync("generate", "--model", SharedFiles.Shared("fixtures/llama3"), "--prompt", "x");
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("no tokenizer", outcome.ErrorLine, StringComparison.Ordinal);
    }

    private Task<Outcome> GenerateAsync(params string[] more) => Dylora.RunAsync(["generate", "--model", backbone.Model, "--max-tokens", "12", .. more]);
}
