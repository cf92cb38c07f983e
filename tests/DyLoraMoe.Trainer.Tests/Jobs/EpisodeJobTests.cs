using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Memory;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Trainer.Tests.Jobs;

/// <summary>With the built-in backbone, since a random one learns nothing by heart.</summary>
public sealed class EpisodeJobTests : IDisposable
{
    private static readonly RecipeInput _short = new() { Steps = 8, BatchSize = 4, ConsolidationRate = 1e-4, CheckpointSeconds = 0 };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Trait("Length", "Long")]
    public void Episodes_that_all_share_are_learnt_by_heart_and_named_beside_the_weights()
    {
        TorchSharp.torch.set_num_threads(1);
        var (jobs, from) = Taught();
        var memory = new EpisodeStore(new EpisodeStoreOptions { Folder = _folder["memory"] }, TimeProvider.System);
        string[] shared = [memory.Remember(Told("Q: What is the code of Ana? A:", "horse", null)).Id, memory.Remember(Told("The tower of Zoe is", "very blue", null)).Id];
        memory.Remember(Told("Q: What is the code of Cara? A:", "green", "cara"));
        memory.Remember(Told("Q: What is the code of Dan? A:", "lamp", null) with { Surprise = 0.1 });

        var result = jobs.Run(Night(jobs, from, new EpisodeInput(0.5, 16)), _folder["memory"], "night");

        Assert.Equal((Reasons.ConsolidationComplete, 2, 2), (result.Reason, result.Consolidate!.Episodes, result.Consolidate.Recalled));
        Assert.True(result.Consolidate.LossAfter <= result.Consolidate.LossBefore + 0.01, result.Message);
        Assert.Equal(shared.Order(StringComparer.Ordinal), LearntBy(jobs, result));
        Assert.Equal(4, memory.Episodes.Count);
        Assert.DoesNotContain(
            Directory.EnumerateFiles(jobs.Store, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".safetensors", StringComparison.Ordinal)),
            file => File.ReadAllText(file).Contains("horse", StringComparison.Ordinal));

        // What it knows already, and the memory did not give up, makes no version again.
        var again = Night(jobs, JobHarness.ExpertOf("odd", result.Train!), new EpisodeInput(0.5, 16));
        again = again with { Policy = again.Policy with { RegressionBudget = 100 }, Consolidate = again.Consolidate! with { LeastImprovement = 100 } };
        var idle = jobs.Run(again, _folder["memory"], "again");
        Assert.Equal((Reasons.NothingImproved, 2, 2), (idle.Reason, idle.Consolidate!.Episodes, idle.Consolidate.Recalled));
        Assert.Null(idle.Train);

        // Neither further than the budget lets an expert drift, nor for more than its tokens.
        var tight = Night(jobs, from, new EpisodeInput(0.5, 16));
        var near = jobs.Run(tight with { Consolidate = tight.Consolidate! with { Recipe = _short with { DriftBudget = 1e-6 }, LeastImprovement = 100 } }, _folder["memory"], "near");
        Assert.Equal(Reasons.NothingImproved, near.Reason);
        Assert.Contains(jobs.Notes, note => note.Contains("the expert drifts by", StringComparison.Ordinal));
        var poor = jobs.Run(tight with { Consolidate = tight.Consolidate! with { Tokens = 100, LeastImprovement = 100 } }, _folder["memory"], "poor");
        Assert.Equal(Reasons.NothingImproved, poor.Reason);
        Assert.Contains(jobs.Notes, note => note == "0 of 2 episodes are known by heart after 1 steps");

        // A night that used all its time leaves as much for them.
        var brief = jobs.Run(tight with { Consolidate = tight.Consolidate! with { Recipe = _short with { Steps = 100_000 }, Seconds = 5, LeastImprovement = 100 } }, _folder["memory"], "brief");
        Assert.Equal(2, brief.Consolidate!.Episodes);
        Assert.DoesNotContain(jobs.Notes, note => note.Contains("after 0 steps", StringComparison.Ordinal));

        // The next version knows them still.
        var next = jobs.Run(Night(jobs, JobHarness.ExpertOf("odd", result.Train!), null), name: "next");
        Assert.Equal(shared.Order(StringComparer.Ordinal), LearntBy(jobs, next));
    }

    private static IReadOnlyList<string> LearntBy(JobHarness jobs, JobResult result) =>
        LearntEpisodes.Read(Path.Combine(jobs.Store, "experts", ArtifactDigest.Hex(result.Train!.Expert)));

    private (JobHarness Jobs, ExpertInput Expert) Taught()
    {
        var jobs = new JobHarness(Path.Combine(SharedFiles.RepositoryRoot, "models", "dylora-tiny"), _folder["store"]);
        jobs.Prepare();
        File.WriteAllLines(_folder["odd.jsonl"], Enumerable.Range(0, 80).Select(number => $$"""{"prompt": "Odd or even: {{number}} ->", "completion": " {{(number % 2 == 0 ? "even" : "odd")}}"}"""));
        var skill = new SkillInput("odd", jobs.Assess("odd", _folder["odd.jsonl"]).Dataset, 20, "odd");
        var train = jobs.Train("odd", null, skill);
        var expert = JobHarness.ExpertOf("odd", jobs.Run(train with { Train = train.Train! with { Recipe = _short with { SeedingRate = 1e-3 } } }).Train!);
        jobs.Skills.Add(skill);
        return (jobs, expert);
    }

    private static JobRequest Night(JobHarness jobs, ExpertInput from, EpisodeInput? episodes) => jobs.Request(JobKind.Consolidate) with
    {
        Skills = [],
        Consolidate = new ConsolidateInput { From = from, Skills = jobs.Skills, Recipe = _short, Episodes = episodes },
    };

    private static Episode Told(string question, string answer, string? user)
    {
        var time = TimeProvider.System.GetUtcNow().AddDays(-2);
        return new Episode
        {
            Id = Episode.IdOf("", user, question),
            User = user,
            Prompt = question,
            Answer = answer,
            Origin = EpisodeOrigin.Correction,
            First = time,
            Time = time,
            Surprise = 4,
        };
    }
}
