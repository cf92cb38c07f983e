using System.Text.Json.Nodes;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Trainer.Tests.Commands;

public class ExpertTests(TinyBackbone backbone) : IClassFixture<TinyBackbone>
{
    private static readonly string[] _fields = ["--input-field", "question", "--output-field", "answer"];
    private static readonly string[] _recipe =
        ["--seeding-steps", "20", "--rows", "4", "--context", "64", "--evaluate-every", "20", "--seeding-rate", "0.02", "--rate", "0.005", "--threads", "1"];

    [Theory]
    [InlineData("activated")]
    [InlineData("full")]
    public async Task An_expert_is_trained_inspected_measured_and_used(string mode)
    {
        using var folder = new TemporaryFolder();
        var trained = (await TrainAsync(folder["expert"], "--steps", "40", "--mode", mode, "--json")).Succeeded();
        Assert.True((double)JsonNode.Parse(trained.Output)!["gain"]! > 0, trained.Output);
        Assert.True(File.Exists(Path.Combine(folder["expert"], "report.json")));
        Assert.False(Directory.Exists(Path.Combine(folder["expert"], "checkpoints")));

        var inspected = JsonNode.Parse((await Dylora.RunAsync("inspect", folder["expert"], "--json")).Succeeded().Output)!;
        Assert.Equal(mode, (string?)inspected["mode"]);

        var measured = JsonNode.Parse((await Dylora.RunAsync(
            ["evaluate", "--model", backbone.Model, "--adapter", folder["expert"], "--data", backbone.Data, .. _fields, "--held-out", "10", "--exact", "--json"])).Succeeded().Output)!;
        Assert.InRange((double)measured["with_expert"]!["exact"]!, 0, 1);
        Assert.True((double)measured["with_expert"]!["nats_per_token"]! < (double)measured["backbone"]!["nats_per_token"]!);
        Assert.Equal((double)JsonNode.Parse(trained.Output)!["expert_loss"]!, (double)measured["with_expert"]!["nats_per_token"]!, 1e-4);

        var generated = (await Dylora.RunAsync(
            "generate", "--model", backbone.Model, "--adapter", folder["expert"], "--prompt", "Double 7:", "--max-tokens", "8", "--json")).Succeeded();
        Assert.NotNull((string?)JsonNode.Parse(generated.Output)!["text"]);
    }

    [Fact]
    public async Task A_stopped_run_exits_143_and_goes_on_to_the_result_of_an_unstopped_one()
    {
        using var folder = new TemporaryFolder();
        string[] longer = ["--steps", "400", "--checkpoint-every", "0.001"];
        using (var process = DyloraProcess.Start(Arguments(folder["stopped"], longer)))
        {
            await UntilCheckpointAsync(folder["stopped"], process);
            using var kill = System.Diagnostics.Process.Start("kill", ["-TERM", $"{process.Id}"]);
            var stopped = await DyloraProcess.FinishAsync(process);
            Assert.Equal(143, stopped.ExitCode);
            Assert.False(File.Exists(Path.Combine(folder["stopped"], "adapter_model.safetensors")));
            Assert.NotEmpty(Directory.GetDirectories(Path.Combine(folder["stopped"], "checkpoints")));
        }

        var resumed = (await TrainAsync(folder["stopped"], longer)).Succeeded();
        Assert.Contains("goes on from", resumed.Errors, StringComparison.Ordinal);
        (await TrainAsync(folder["whole"], longer)).Succeeded();
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(folder["whole"], "adapter_model.safetensors")),
            File.ReadAllBytes(Path.Combine(folder["stopped"], "adapter_model.safetensors")));
    }

    [Fact]
    public async Task Copies_are_left_out_on_request_and_what_is_left_is_described_before_training()
    {
        using var folder = new TemporaryFolder();
        string[] twice = ["--data", backbone.Data, "--steps", "20"];

        var trained = (await TrainAsync(folder["expert"], [.. twice, "--drop-duplicates", "--json"])).Succeeded();

        Assert.Matches("near duplicates: 2[0-9]{2} of 400 samples are left out", trained.Errors);
        Assert.True(
            trained.Errors.IndexOf("diversity: ", StringComparison.Ordinal) is var said and >= 0 && said < trained.Errors.IndexOf("step ", StringComparison.Ordinal), trained.Errors);
        var written = JsonNode.Parse(File.ReadAllText(Path.Combine(folder["expert"], "report.json")))!;
        Assert.InRange((int)written["dropped_duplicates"]!, 200, 299);
        Assert.InRange((double)written["diversity"]!["coverage"]!, 1, 200);
        Assert.Equal((double)written["diversity"]!["distinct_3"]!, (double)JsonNode.Parse(trained.Output)!["distinct_3"]!, 1e-4);
        Assert.Equal(100, (int)written["mix"]!["policy"]!["fresh"]!);
    }

    [Fact]
    public async Task Data_that_repeat_themselves_are_warned_of_before_training()
    {
        using var folder = new TemporaryFolder();

        var trained = (await TrainAsync(folder["expert"], "--data", backbone.Data, "--steps", "20", "--json")).Succeeded();

        var warning = Assert.Single(JsonNode.Parse(trained.Output)!["diversity_warnings"]!.AsArray(), text => ((string)text!).Contains("--drop-duplicates", StringComparison.Ordinal));
        Assert.InRange(
            trained.Errors.IndexOf($"warning: {warning}", StringComparison.Ordinal), trained.Errors.IndexOf("diversity: ", StringComparison.Ordinal), trained.Errors.IndexOf("step ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Earlier_and_generated_data_are_mixed_in_by_the_shares_that_were_asked_for()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllLines(folder["halve.jsonl"], Enumerable.Range(0, 100).Select(number => $$"""{"question": "Halve {{2 * number}}:", "answer": " {{number}}"}"""));
        string[] mixed = ["--replay", folder["halve.jsonl"], "--replay-samples", "20", "--dreams", folder["halve.jsonl"], "--mix", "50,30,20"];

        (await TrainAsync(folder["mixed"], [.. mixed, "--steps", "40"])).Succeeded();
        (await TrainAsync(folder["alone"], "--steps", "40")).Succeeded();

        var mix = JsonNode.Parse(File.ReadAllText(Path.Combine(folder["mixed"], "report.json")))!["mix"]!;
        Assert.Equal("50, 30, 20, 20", $"{mix["policy"]!["fresh"]}, {mix["policy"]!["replay"]}, {mix["policy"]!["dreams"]}, {mix["replay_samples"]}");
        Assert.True(await LossAsync(folder["mixed"], folder["halve.jsonl"]) < await LossAsync(folder["alone"], folder["halve.jsonl"]));
    }

    [Fact]
    public async Task What_is_left_out_and_what_the_context_cuts_is_said_whoever_reads_the_data()
    {
        using var folder = new TemporaryFolder();
        var rows = Enumerable.Range(0, 60).Select(number => $$"""{"question": "{{new string('x', number < 40 ? 200 : 1)}} {{number}}:", "{{(number % 6 == 5 ? "anwser" : "answer")}}": " {{number}}"}""");
        File.WriteAllLines(folder["rows.jsonl"], rows);
        string[] some = ["--data", folder["rows.jsonl"], "--skip-bad-rows", "--json"];

        var trained = (await TrainAsync(folder["expert"], [.. some, "--replay", folder["rows.jsonl"], "--mix", "90,10,0", "--steps", "2"])).Succeeded();
        var measured = (await Dylora.RunAsync(["evaluate", "--model", backbone.Model, "--context", "32", .. _fields, .. some])).Succeeded();

        Assert.Contains("rows left out: 10 of 60, the first because: ", measured.Errors, StringComparison.Ordinal);
        Assert.Contains("anwser", measured.Errors, StringComparison.Ordinal);
        Assert.Contains("the context of 32 tokens is too short: 34 prompts lost their beginning and 0 answers their end", measured.Errors, StringComparison.Ordinal);
        Assert.Contains("rows left out: 10 of 260", trained.Errors, StringComparison.Ordinal);
        Assert.Contains("rows left out: 10 of 60", trained.Errors, StringComparison.Ordinal);
        Assert.Matches("the context of 64 tokens is too short: [0-9]+ prompts lost", trained.Errors);
        Assert.DoesNotContain("left out", trained.Output + measured.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gauges_of_the_new_task_end_a_training_and_bound_its_steps()
    {
        using var folder = new TemporaryFolder();
        string[] training = ["--steps", "40", "--json"];

        var free = JsonNode.Parse((await TrainAsync(folder["free"], training)).Succeeded().Output)!;
        var drifted = JsonNode.Parse((await TrainAsync(folder["drifted"], [.. training, "--task-drift", "1e-9"])).Succeeded().Output)!;
        var bounded = JsonNode.Parse((await TrainAsync(folder["bounded"], [.. training, "--step-budget", "1e-9"])).Succeeded().Output)!;

        Assert.Equal(("completed", "drifted", "completed"), ((string?)free["outcome"], (string?)drifted["outcome"], (string?)bounded["outcome"]));
        Assert.True((int)drifted["steps"]! < 40);
        Assert.True((double)bounded["gain"]! < (double)free["gain"]! / 2, $"{bounded["gain"]} of {free["gain"]}");
    }

    [Fact]
    public async Task Of_a_single_text_a_share_is_held_out_and_evaluate_measures_the_same()
    {
        using var folder = new TemporaryFolder();
        string[] text = ["--data", backbone.Text, "--loss", "everything", "--context", "64", "--threads", "1", "--json"];

        var trained = JsonNode.Parse((await Dylora.RunAsync(
            ["train", "--model", backbone.Model, "--out", folder["expert"], "--mode", "full", "--steps", "10", "--rows", "4", .. text])).Succeeded().Output)!;
        var measured = JsonNode.Parse((await Dylora.RunAsync(
            ["evaluate", "--model", backbone.Model, "--adapter", folder["expert"], "--held-out", "10", .. text])).Succeeded().Output)!;

        Assert.Equal((double)trained["expert_loss"]!, (double)measured["with_expert"]!["nats_per_token"]!, 1e-4);
        Assert.InRange((int)measured["backbone"]!["tokens"]!, 100, 20_000);
    }

    [Fact]
    public async Task Evaluate_prints_a_table_for_people()
    {
        var outcome = (await Dylora.RunAsync(["evaluate", "--model", backbone.Model, "--data", backbone.Data, .. _fields])).Succeeded();
        Assert.Matches(@"nats/token +perplexity\nbackbone +200 +[0-9,]+ +[0-9.]+ +[0-9.]+\n", outcome.Output);
    }

    [Fact]
    public async Task Evaluate_counts_answers_that_are_exactly_right_on_request_where_there_are_answers()
    {
        using var folder = new TemporaryFolder();
        var model = Path.Combine(SharedFiles.RepositoryRoot, "models", "dylora-tiny");
        File.WriteAllLines(folder["learnt.jsonl"], Enumerable.Repeat("""{"prompt": "Say:", "completion": "\nyes\nand more"}""", 40));
        string[] asked = [@"\nyes", " yes", @"yes\nand more", @"yes\nor no", "no"];
        File.WriteAllLines(folder["asked.jsonl"], asked.Select(answer => $$"""{"prompt": "Say:", "completion": "{{answer}}"}"""));
        (await Dylora.RunAsync("train", "--model", model, "--data", folder["learnt.jsonl"], "--out", folder["expert"], "--steps", "60", "--context", "32", "--mode", "full", "--threads", "1")).Succeeded();

        var outcome = (await Dylora.RunAsync("evaluate", "--model", model, "--adapter", folder["expert"], "--data", folder["asked.jsonl"], "--exact")).Succeeded();

        // The first line where one is right, all of it where several are, whatever the other samples are like.
        Assert.Matches(@"perplexity +exact\nbackbone +5 .* 0\.000\nwith expert +5 .* 0\.600\n", outcome.Output);
    }

    [Fact]
    public async Task Evaluate_says_what_it_lacks_where_there_are_no_answers_to_be_right()
    {
        var plain = await Dylora.RunAsync("evaluate", "--model", backbone.Model, "--data", backbone.Text, "--exact");

        Assert.Equal(1, plain.ExitCode);
        Assert.Contains("--exact needs prompts with answers, but 1 of 1 samples are plain texts", plain.ErrorLine, StringComparison.Ordinal);
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["empty.jsonl"], """{"prompt": "", "completion": "yes"}""" + "\n");
        var empty = await Dylora.RunAsync("evaluate", "--model", backbone.Model, "--data", folder["empty.jsonl"], "--exact");
        Assert.Equal(1, empty.ExitCode);
        Assert.Contains("one of them has no token", empty.ErrorLine, StringComparison.Ordinal);
        Assert.DoesNotContain("Parameter", plain.ErrorLine, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("train")]
    [InlineData("infinite")]
    public async Task An_expert_whose_invocation_the_prompts_lack_is_refused_and_told_what_they_end_in(string verb)
    {
        using var folder = new TemporaryFolder();
        string[] asked = [verb, .. Arguments(folder["x"], ["--invocation", "answer now ->"])[1..]];

        var outcome = await Dylora.RunAsync(asked);

        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("'answer now ->' is not in the prompts of 200 of 200 samples", outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Matches(@"Searched for: '.+'\. The first of these prompts ends in: '.+' ':'\.", outcome.ErrorLine);
        Assert.False(File.Exists(Path.Combine(folder["x"], "adapter_model.safetensors")));
    }

    [Fact]
    public async Task A_single_prompt_without_the_invocation_is_counted()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllLines(folder["mixed.jsonl"], [.. File.ReadLines(backbone.Data), """{"question": "Double 7, please", "answer": " 14"}"""]);

        var outcome = await TrainAsync(folder["x"], "--data", folder["mixed.jsonl"], "--invocation", ":");

        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("':' is not in the prompts of 1 of 401 samples", outcome.ErrorLine, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{question}", ":")]
    [InlineData("{question}<|im_start|>", "<|im_start|>")]
    [InlineData(@"{question}\nAnswer:", @"\nAnswer:")]
    public async Task An_expert_is_invoked_by_text_as_the_prompts_are_encoded(string template, string invocation)
    {
        using var folder = new TemporaryFolder();

        var trained = (await Dylora.RunAsync(
            ["train", "--model", backbone.Model, "--data", backbone.Data, "--template", template, "--output-field", "answer", .. _recipe, "--steps", "40",
            "--out", folder["expert"], "--invocation", invocation, "--json"])).Succeeded();

        Assert.True((double)JsonNode.Parse(trained.Output)!["gain"]! > 0, trained.Output);
        var inspected = JsonNode.Parse((await Dylora.RunAsync("inspect", folder["expert"], "--json")).Succeeded().Output)!;
        Assert.NotEmpty(inspected["invocation_tokens"]!.AsArray());
    }

    [Theory]
    [InlineData("no_such_field", "--input-field", "no_such_field", "--output-field", "answer")]
    [InlineData("nope_proj", "--targets", "nope_proj")]
    [InlineData("tied", "--adapt-head")]
    public async Task What_cannot_be_trained_is_refused_with_one_line(string expected, params string[] more)
    {
        using var folder = new TemporaryFolder();
        var outcome = await Dylora.RunAsync(["train", "--model", backbone.Model, "--data", backbone.Data, "--out", folder["x"], .. more]);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains(expected, outcome.ErrorLine, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("train", "--out")]
    [InlineData("infinite", "--out")]
    [InlineData("learn", "--skill", "new", "--workspace")]
    [InlineData("evaluate")]
    public async Task More_context_than_the_model_reads_is_refused_with_one_line_and_leaves_nothing(params string[] verb)
    {
        using var folder = new TemporaryFolder();
        string[] place = verb.Length > 1 ? [folder["x"]] : [];

        var outcome = await Dylora.RunAsync([.. verb, .. place, "--model", backbone.Model, "--data", backbone.Data, "--context", "100"]);

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("--context is 100, but the model reads at most 64 tokens", outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.FullPath));
    }

    [Fact]
    public async Task Without_one_given_the_context_is_no_more_than_the_model_reads()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["few.jsonl"], """{"question": "a", "answer": "b"}""");

        var few = await Dylora.RunAsync("learn", "--workspace", folder["work"], "--model", backbone.Model, "--skill", "few", "--data", folder["few.jsonl"]);

        Assert.Contains("Give more data", few.ErrorLine, StringComparison.Ordinal);
        Assert.Equal(64, (int)JsonNode.Parse(File.ReadAllText(Path.Combine(folder["work"], "workspace.json")))!["data"]!["context"]!);
    }

    private Task<Outcome> TrainAsync(string output, params string[] more) => Dylora.RunAsync(Arguments(output, more));

    private async Task<double> LossAsync(string expert, string data) => (double)JsonNode.Parse(
        (await Dylora.RunAsync(["evaluate", "--model", backbone.Model, "--adapter", expert, "--data", data, .. _fields, "--json"])).Succeeded().Output)!["with_expert"]!["nats_per_token"]!;

    private string[] Arguments(string output, string[] more) =>
        ["train", "--model", backbone.Model, "--data", backbone.Data, .. _fields, .. _recipe, "--out", output, .. more];

    private static async Task UntilCheckpointAsync(string output, System.Diagnostics.Process process)
    {
        var folder = Path.Combine(output, "checkpoints");
        while (!process.HasExited && (!Directory.Exists(folder) || Directory.GetDirectories(folder, "checkpoint-*").Length == 0))
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
