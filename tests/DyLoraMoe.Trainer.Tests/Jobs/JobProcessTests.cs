using System.Diagnostics;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Trainer.Tests.Jobs;

public class JobProcessTests(JobBackbone backbone) : IClassFixture<JobBackbone>
{
    [Theory]
    [InlineData("KILL")]
    [InlineData("TERM")]
    public async Task A_training_that_is_stopped_goes_on_and_comes_to_the_same_expert(string signal)
    {
        using var folder = new TemporaryFolder();
        var jobs = backbone.Taught(folder["store"]);
        var request = jobs.Train("echo", null, jobs.Skills[0]);
        Directory.Delete(Path.Combine(jobs.Store, "experts"), recursive: true);
        string[] command = Command(folder, jobs, request, "train-echo");
        using (var process = DyloraProcess.Start(command))
        {
            var checkpoints = Path.Combine(jobs.Store, "checkpoints", "train-echo");
            while (!process.HasExited && !HasCheckpoint(checkpoints))
            {
                await Task.Delay(5, TestContext.Current.CancellationToken);
            }

            Process.Start("kill", [$"-{signal}", $"{process.Id}"]).WaitForExit();
            var stopped = await DyloraProcess.FinishAsync(process);
            Assert.Equal(signal == "TERM" ? JobExitCode.Interrupted : 137, stopped.ExitCode);
            if (signal == "TERM")
            {
                var said = ContractJson.Read<JobResult>(File.ReadAllText(folder["message"]));
                Assert.Equal((JobKind.Train, JobOutcome.Interrupted), (said.Kind, said.Outcome));
            }
        }

        var resumed = (await DyloraProcess.RunAsync(command)).Succeeded();

        Assert.Contains("goes on from", resumed.Errors, StringComparison.Ordinal);
        var result = ContractJson.Read<JobResult>(File.ReadAllText(folder["message"]));
        Assert.Equal(backbone.Trained.Expert, result.Train!.Expert);
        Assert.Equal(result, ContractJson.Read<JobResult>(resumed.Output) with { Train = result.Train });
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(jobs.Store, "checkpoints", "train-echo"), "training", SearchOption.AllDirectories));
    }

    [Fact]
    [Trait("Length", "Long")]
    public async Task A_training_that_dies_goes_on_from_the_bucket_on_another_machine()
    {
        using var folder = new TemporaryFolder();
        using var server = S3Server.Start("experts");
        using var http = new HttpClient { BaseAddress = server.Address };
        var jobs = new JobHarness(backbone.Model, server.Location("experts/team")) { Cache = folder["first"] };
        jobs.Prepare();
        var dataset = jobs.Assess("echo", backbone.Data("echo")).Dataset;
        var request = jobs.Train("echo", null, new SkillInput("echo", dataset, 20, "echo"));
        List<(string, string)> environment = [("TEST_AWS_ACCESS_KEY_ID", S3Server.Key), ("TEST_AWS_SECRET_ACCESS_KEY", S3Server.Key)];
        string[] command = Command(folder, jobs, request, "train-echo");
        using (var process = DyloraProcess.Start(environment, [.. command, "--cache", folder["first"]]))
        {
            while (!process.HasExited && !(await Read("experts/team/checkpoints/train-echo.json")).Contains("main/checkpoint-", StringComparison.Ordinal))
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }

            Process.Start("kill", ["-KILL", $"{process.Id}"]).WaitForExit();
            Assert.Equal(137, (await DyloraProcess.FinishAsync(process)).ExitCode);
        }

        // As if it had been dead for long.
        foreach (var claim in (await Read("experts?list-type=2&prefix=team/leases/")).Split("<Key>").Skip(1).Select(text => text.Split('<')[0]))
        {
            using var answer = await http.DeleteAsync(new Uri("experts/" + claim, UriKind.Relative), TestContext.Current.CancellationToken);
        }

        using var again = DyloraProcess.Start(environment, [.. command, "--cache", folder["second"]]);
        var resumed = (await DyloraProcess.FinishAsync(again)).Succeeded();

        Assert.Contains("goes on from", resumed.Errors, StringComparison.Ordinal);
        var expert = ContractJson.Read<JobResult>(File.ReadAllText(folder["message"])).Train!.Expert;
        Assert.Equal(backbone.Trained.Expert, expert);
        Assert.Contains("expert.json", await Read($"experts/team/experts/{expert["sha256:".Length..]}.json"), StringComparison.Ordinal);
        Assert.DoesNotContain("checkpoint-", await Read("experts/team/checkpoints/train-echo.json"), StringComparison.Ordinal);

        async Task<string> Read(string key)
        {
            using var answer = await http.GetAsync(new Uri(key, UriKind.Relative), TestContext.Current.CancellationToken);
            return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        }
    }

    [Theory]
    [InlineData("not json", Reasons.InvalidInput, "Expected a JobRequest")]
    [InlineData("no part", Reasons.InvalidInput, "no part assess")]
    [InlineData("no data", Reasons.InvalidInput, "needs --data")]
    [InlineData("bad data", Reasons.DataInvalid, "bad.jsonl:2")]
    [InlineData("other backbone", Reasons.DigestMismatch, "expected sha256:0000")]
    [InlineData("bad adapter", Reasons.AdapterInvalid, "adapter_model.safetensors")]
    [InlineData("bad policy", Reasons.InvalidInput, "MaxSteps")]
    public async Task What_is_wrong_with_the_input_is_said_and_no_other_try_is_asked_for(string what, string reason, string message)
    {
        using var folder = new TemporaryFolder();
        var jobs = new JobHarness(backbone.Model, folder["store"]);
        File.WriteAllLines(folder["bad.jsonl"], ["""{"prompt": "a", "answer": "b"}""", """{"prompt": "a"}"""]);
        Directory.CreateDirectory(folder["adapter"]);
        File.WriteAllText(Path.Combine(folder["adapter"], "adapter_config.json"), """{"peft_type": "LORA", "r": 4, "lora_alpha": 8, "target_modules": ["q_proj"]}""");
        var assess = jobs.Request(JobKind.Assess) with { Assess = new AssessInput { Skill = "bad" } };
        var (request, data) = what switch
        {
            "no part" => (assess with { Assess = null }, null),
            "no data" => (assess, null),
            "bad data" => (assess, folder["bad.jsonl"]),
            "other backbone" => (jobs.Request(JobKind.Prepare) with { Backbone = new BackboneInput("tiny", "sha256:" + new string('0', 64), "auto") }, null),
            "bad adapter" => (jobs.Request(JobKind.Import) with { Import = new ImportInput("mine", 1) }, folder["adapter"]),
            "bad policy" => (assess with { Assess = assess.Assess! with { Recipe = new RecipeInput { Steps = -5 } } }, backbone.Data("echo")),
            _ => (assess, (string?)null),
        };
        var command = Command(folder, jobs, request, "bad-input");
        if (what == "not json")
        {
            File.WriteAllText(folder["request.json"], "{");
        }

        var outcome = await DyloraProcess.RunAsync(data is null ? command : [.. command, "--data", data]);

        Assert.True(outcome.ExitCode == JobExitCode.InvalidInput, $"{outcome.ExitCode}: {outcome.Errors}");
        var result = ContractJson.Read<JobResult>(File.ReadAllText(folder["message"]));
        Assert.Equal((JobOutcome.InvalidInput, reason), (result.Outcome, result.Reason));
        Assert.Contains(message, result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_missing_from_the_store_may_come_back_so_another_try_is_asked_for()
    {
        using var folder = new TemporaryFolder();
        var jobs = new JobHarness(backbone.Model, folder["store"]);
        var request = jobs.Train("echo", null, new SkillInput("echo", "sha256:" + new string('1', 64), 20, "echo"));

        var outcome = await DyloraProcess.RunAsync(Command(folder, jobs, request, "missing"));

        Assert.Equal(JobExitCode.Failed, outcome.ExitCode);
        Assert.Contains("1111", ContractJson.Read<JobResult>(outcome.Output).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_that_is_told_to_stop_has_all_the_time_it_needs_to_save()
    {
        using var folder = new TemporaryFolder();
        var jobs = new JobHarness(backbone.Model, folder["store"]);
        var command = Command(folder, jobs, jobs.Request(JobKind.Assess) with { Assess = new AssessInput { Skill = "slow" } }, "slow");
        var request = File.ReadAllText(folder["request.json"]);
        File.Delete(folder["request.json"]);
        Process.Start("mkfifo", folder["request.json"]).WaitForExit();
        using var process = DyloraProcess.Start([.. command, "--data", backbone.Data("echo")]);

        // Who opens a pipe waits for the other end, so that now the job is in the middle of its work.
        var pipe = await Task.Run(() => new FileStream(folder["request.json"], FileMode.Open, FileAccess.Write, FileShare.ReadWrite)).WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken);
        await using (var writer = new StreamWriter(pipe))
        {
            Process.Start("kill", ["-TERM", $"{process.Id}"]).WaitForExit();
            await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
            Assert.False(process.HasExited);
            await writer.WriteAsync(request);
        }

        var stopped = await DyloraProcess.FinishAsync(process);
        Assert.True(stopped.ExitCode == JobExitCode.Interrupted, $"{stopped.ExitCode}: {stopped.Errors}");
        Assert.Equal(JobOutcome.Interrupted, ContractJson.Read<JobResult>(File.ReadAllText(folder["message"])).Outcome);
    }

    [Theory]
    [InlineData(null, "PASSIVE")]
    [InlineData("ACTIVE", "ACTIVE")]
    public async Task Threads_that_wait_for_others_sleep_unless_they_are_told_not_to(string? asked, string policy)
    {
        using var folder = new TemporaryFolder();
        var jobs = new JobHarness(backbone.Model, folder["store"]);
        var command = Command(folder, jobs, jobs.Request(JobKind.Collect) with { Collect = new CollectInput() }, "collect");
        List<(string, string)> environment = [("OMP_DISPLAY_ENV", "TRUE")];
        if (asked is not null)
        {
            environment.Add(("OMP_WAIT_POLICY", asked));
        }

        using var process = DyloraProcess.Start(environment, command);
        var outcome = (await DyloraProcess.FinishAsync(process)).Succeeded();

        Assert.Contains($"OMP_WAIT_POLICY = '{policy}'", outcome.Errors, StringComparison.Ordinal);
    }

    private string[] Command(TemporaryFolder folder, JobHarness jobs, JobRequest request, string name)
    {
        File.WriteAllText(folder["request.json"], ContractJson.Write(request));
        return
        [
            "job", "--name", name, "--request", folder["request.json"], "--store", jobs.Store, "--backbone", backbone.Model,
            "--termination-message", folder["message"], "--device", "cpu", "--threads", "1",
        ];
    }

    private static bool HasCheckpoint(string job)
    {
        try
        {
            return Directory.Exists(job) && Directory.EnumerateDirectories(job, "checkpoint-*", SearchOption.AllDirectories).Any(path => path.Contains("main", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            return false;
        }
    }
}
