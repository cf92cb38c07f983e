using System.Text.Json.Nodes;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Compute;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.Reading;
using DyLoraMoe.Core.Features;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Core.Routing;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;
using DyLoraMoe.Trainer.Commands;
using DyLoraMoe.Trainer.Jobs;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Tests.Jobs;

public class JobSequenceTests(JobBackbone backbone) : IClassFixture<JobBackbone>
{
    [Fact]
    public void Samples_that_nearly_repeat_another_are_told_of_and_left_out_where_that_is_asked_for()
    {
        using var folder = new TemporaryFolder();
        var jobs = backbone.Taught(folder["store"]);
        var random = new Random(1);
        string Word() => string.Concat(Enumerable.Range(0, 24).Select(_ => (char)('a' + random.Next(26))));
        var words = Enumerable.Range(0, 120).Select(_ => (Word(), Word())).ToList();
        File.WriteAllLines(folder["alike.jsonl"], words.SelectMany(pair => new[] { ".", "!" }.Select(end => $$"""{"prompt": "{{pair.Item1}} ->", "answer": " {{pair.Item2}}{{end}}"}""")));

        var all = jobs.Assess("alike", folder["alike.jsonl"], novelty: "Novel");
        Assert.Equal(240, all.Samples);
        Assert.Null(all.Dropped);
        Assert.InRange(all.Diversity!.NearDuplicates, 0.2, 0.5);
        Assert.Contains(all.Diversity.Warnings, warning => warning.Contains("data.dropDuplicates", StringComparison.Ordinal));

        var without = jobs.Run(jobs.Request(JobKind.Assess) with { Assess = new AssessInput { Skill = "alike", Novelty = "Novel", DropDuplicates = true } }, folder["alike.jsonl"]).Assess!;
        Assert.Equal((120, 120), (without.Samples, without.Dropped));
        Assert.Equal(0, without.Diversity!.NearDuplicates);
        Assert.DoesNotContain(without.Diversity.Warnings, warning => warning.Contains("data.dropDuplicates", StringComparison.Ordinal));
    }

    [Fact]
    public void A_store_learns_skill_after_skill_and_lets_go_of_what_nobody_needs()
    {
        using var folder = new TemporaryFolder();
        var jobs = backbone.Taught(folder["store"]);
        var echo = JobHarness.ExpertOf("echo", backbone.Trained);
        Assert.True(backbone.Trained.ExpertLoss < 0.9 * backbone.Trained.BackboneLoss, $"{backbone.Trained}");
        Assert.Equal((1, "Full", 4), (backbone.Trained.Version, backbone.Trained.Mode, backbone.Trained.Rank));

        var first = jobs.FitRouter(echo);
        Assert.InRange(first.AccuracyPercent, 90, 100);
        var set = jobs.SetOf(first, echo);
        Assert.True(jobs.Check(set).Check!.IsAccepted);
        jobs.Active = set;

        // Servers tell by it how new a prompt looks.
        using var map = NoveltyMap.Load(Path.Combine(jobs.Store, "routers", ArtifactDigest.Hex(first.Router)), new RouterIdentity(FeatureOptions.Default.Digest, jobs.Digest!));
        using var novelty = new PromptNovelty(map!);
        Assert.NotEmpty(novelty.NullScores);

        var known = jobs.Assess("echo-two", backbone.Data("echo-again"));
        Assert.Contains(known.Decision, new[] { "Covered", "Extends" });
        Assert.Equal(("echo", "echo", "echo"), (known.Expert, known.NearestExpert, known.NearestSkill));
        Assert.NotEmpty(known.Signals);

        var novel = jobs.Assess("next", backbone.Data("next"), JobHarness.Recipe);
        Assert.Equal("Novel", novel.Decision);
        Assert.Equal("echo", novel.NearestSkill);
        Assert.InRange(novel.HeldOut, 1, novel.Samples - 1);
        Assert.InRange(novel.Diversity!.Coverage, 1, novel.Samples);
        Assert.InRange(novel.Diversity.DistinctTriples, 0.01, 1);
        Assert.Null(novel.Dropped);

        var told = jobs.Notes.Count(IsOfDiversity);
        Assert.Equal(2, told);

        var learnt = new SkillInput("next", novel.Dataset, 20, "next");
        var next = JobHarness.ExpertOf("next", jobs.Run(jobs.Train("next", null, learnt)).Train!);
        jobs.Skills.Add(learnt);

        // Data are measured once, when they are assessed and before anything learns from them.
        Assert.True(jobs.Notes.FindLastIndex(IsOfDiversity) < jobs.Notes.IndexOf("measuring the expert on its skills"));
        Assert.Equal(told, jobs.Notes.Count(IsOfDiversity));
        var second = jobs.FitRouter(echo, next);
        var both = jobs.SetOf(second, echo, next);
        var check = jobs.Check(both);
        Assert.True(check.Check!.IsAccepted, check.Message);
        Assert.Equal((Reasons.WithinBudget, 2), (check.Reason, check.Check.Skills));

        // A set lists its experts by name, a router in the order in which it met them.
        var turned = jobs.Check(both with { Experts = [.. both.Experts.Reverse()] });
        Assert.True(turned.Check!.IsAccepted, turned.Message);

        // Taught in two steps that break it.
        var train = jobs.Train("next", null, learnt);
        var harmful = jobs.Run(train with
        {
            Train = train.Train! with { Lora = JobHarness.Lora with { Alpha = 4096 }, Recipe = JobHarness.Recipe with { Steps = 2, SeedingRate = 1, ConsolidationRate = 1 } },
        }).Train!;
        var vain = jobs.Check(both with { Experts = [both.Experts[0], both.Experts[1] with { Digest = harmful.Expert }] });
        Assert.False(vain.Check!.IsAccepted);
        Assert.Equal(("next", true), (vain.Check.Worst[0].Skill, vain.Check.Worst[0].IsNew));
        Assert.Contains("next itself gains nothing", vain.Message, StringComparison.Ordinal);
        jobs.Active = both;

        // The weights of one under the name of the other: what the check is for.
        var wrong = both with { Experts = [both.Experts[0] with { Digest = next.Digest }, both.Experts[1]] };
        var refused = jobs.Check(wrong);
        Assert.False(refused.Check!.IsAccepted);
        Assert.Equal((Reasons.RegressionRefused, "echo"), (refused.Reason, refused.Check.Worst[0].Skill));
        Assert.True(refused.Check.Worst[0].Candidate > refused.Check.Worst[0].Active + refused.Check.Worst[0].Budget);

        var more = new SkillInput("echo-two", known.Dataset, 20, "echo");
        var request = jobs.Train("echo", echo, more);
        var extended = jobs.Run(request with { Train = request.Train! with { Recipe = JobHarness.Recipe with { ReplayPercent = 40, ReplaySamples = 50 } } }).Train!;
        Assert.Equal(2, extended.Version);
        Assert.NotEqual(echo.Digest, extended.Expert);
        jobs.Skills.Add(more);
        var newer = JobHarness.ExpertOf("echo", extended);
        var third = jobs.FitRouter(newer, next);
        var last = jobs.SetOf(third, newer, next);
        Assert.Equal(3, jobs.Check(last).Check!.Skills);

        var collect = jobs.Request(JobKind.Collect) with
        {
            Collect = new CollectInput
            {
                Datasets = [.. jobs.Skills.Select(skill => skill.Dataset)],
                Experts = [newer.Digest, next.Digest],
                Routers = [third.Router],
                GraceSeconds = 3600,
            },
        };
        Assert.Equal(0, jobs.Run(collect).Collect!.Removed);
        Assert.Equal(0, jobs.Run(collect with { Collect = collect.Collect! with { GraceSeconds = 0, AsOf = TimeProvider.System.GetUtcNow().AddHours(-1) } }, name: "late").Collect!.Removed);
        var removed = jobs.Run(collect with { Collect = collect.Collect! with { GraceSeconds = 0 } }, name: "collector").Collect!;
        Assert.True(removed.Removed >= 3 && removed.FreedBytes > 0, $"{removed}");
        Assert.Equal(["collector"], Directory.GetDirectories(Path.Combine(jobs.Store, "checkpoints")).Select(Path.GetFileName));
        Assert.Equal(2, Directory.GetDirectories(Path.Combine(jobs.Store, "experts")).Length);
        Assert.Single(Directory.GetDirectories(Path.Combine(jobs.Store, "routers")));

        // What is left is all that the next job needs.
        jobs.Active = last;
        Assert.Equal(third.AccuracyPercent, jobs.FitRouter(newer, next).AccuracyPercent, 5.0);
    }

    [Fact]
    public void What_is_from_before_the_backbone_goes_only_when_it_was_released()
    {
        using var folder = new TemporaryFolder();
        var jobs = backbone.Taught(folder["store"]);
        var collect = jobs.Request(JobKind.Collect) with { Collect = new CollectInput { GraceSeconds = 0, From = TimeProvider.System.GetUtcNow().AddHours(1) } };
        var experts = Path.Combine(jobs.Store, "experts");

        jobs.Run(collect, name: "first");
        Assert.Single(Directory.GetDirectories(experts));
        Assert.NotEmpty(Directory.GetDirectories(Path.Combine(jobs.Store, "datasets")));

        // What a job that has not told its result may name stays; for the rest of what was released there is no grace.
        var released = collect.Collect! with { Released = [backbone.Trained.Expert], GraceSeconds = 3600 };
        Assert.Equal(1, jobs.Run(collect with { Collect = released with { AsOf = TimeProvider.System.GetUtcNow().AddHours(-1) } }, name: "early").Collect!.Left);
        Assert.Single(Directory.GetDirectories(experts));
        Assert.Equal(0, jobs.Run(collect with { Collect = released }, name: "second").Collect!.Left);
        Assert.Empty(Directory.GetDirectories(experts));
        Assert.NotEmpty(Directory.GetDirectories(Path.Combine(jobs.Store, "datasets")));

        jobs.Run(collect with { Collect = collect.Collect! with { From = TimeProvider.System.GetUtcNow().AddHours(-1) } }, name: "third");
        Assert.Empty(Directory.GetDirectories(Path.Combine(jobs.Store, "datasets")));
    }

    [Fact]
    public void A_recipe_says_how_much_of_what_an_expert_knows_is_replayed()
    {
        Assert.Equal((40, 50), Replay(new RecipeInput { ReplayPercent = 40, ReplaySamples = 50 }));
        Assert.Equal((50, null), Replay(new RecipeInput()));

        (int, int?) Replay(RecipeInput recipe)
        {
            var request = new JobHarness(backbone.Model, "").Train("echo", null);
            var config = ModelConfigFile.Read(backbone.Model);
            var policy = JobPolicy.Of(request with { Train = request.Train! with { Recipe = recipe } }, ComputePlace.Of("cpu", "auto", config), config).Experts;
            return (policy.ReplayPercent, policy.ReplaySamples);
        }
    }

    [Theory]
    [InlineData(256, null, null, 256, 8)]
    [InlineData(1024, null, null, 1024, 2)]
    [InlineData(131_072, null, null, 2048, 1)]
    [InlineData(131_072, 4096, null, 4096, 1)]
    [InlineData(131_072, 512, 8, 512, 8)]
    [InlineData(512, 4096, null, 512, 4)]
    public void A_sample_has_at_most_2048_tokens_and_so_has_a_step_unless_the_Backbone_says_otherwise(int positions, int? asked, int? batch, int context, int rows)
    {
        var request = new JobHarness(backbone.Model, "").Train("echo", null);
        var config = ModelConfigFile.Read(backbone.Model) with { MaxPositions = positions };
        request = request with { Policy = request.Policy with { Context = asked }, Train = request.Train! with { Recipe = new RecipeInput { BatchSize = batch } } };

        var training = JobPolicy.Of(request, ComputePlace.Of("cpu", "auto", config), config).Experts.Training;

        Assert.Equal((context, rows), (training.Context, training.Rows));
    }

    [Fact]
    public void A_recipe_says_how_far_the_gradient_of_an_answer_goes()
    {
        Assert.Equal(GradientScope.Everywhere, Gradient(null));
        Assert.Equal(GradientScope.DetachedContext, Gradient("DetachedContext"));
        Assert.Equal(GradientScope.DetachedContextQueries, Gradient("DetachedContextQueries", "q_proj", "v_proj"));
        Assert.Contains("expected Everywhere", Assert.Throws<InvalidInputException>(() => Gradient("detached")).Message, StringComparison.Ordinal);
        Assert.Contains("q_proj is not among", Assert.Throws<InvalidInputException>(() => Gradient("DetachedContextQueries", "v_proj")).Message, StringComparison.Ordinal);

        GradientScope Gradient(string? scope, params string[] modules)
        {
            var request = new JobHarness(backbone.Model, "").Train("echo", null);
            var config = ModelConfigFile.Read(backbone.Model);
            var train = request.Train! with { Recipe = new RecipeInput { Gradient = scope }, Lora = new LoraInput { TargetModules = modules } };
            return JobPolicy.Of(request with { Train = train }, ComputePlace.Of("cpu", "auto", config), config).Experts.Training.Gradient;
        }
    }

    [Fact]
    public void A_job_that_is_done_again_finds_its_work_done_and_another_of_the_same_request_comes_to_the_same()
    {
        using var folder = new TemporaryFolder();
        var jobs = backbone.Taught(folder["store"]);
        var request = jobs.Train("second", null, jobs.Skills[0]);
        var first = jobs.Run(request, name: "train-again").Train!;
        jobs.Notes.Clear();

        Assert.Equal(first, jobs.Run(request, name: "train-again").Train);
        Assert.Empty(jobs.Notes);
        Assert.Equal(first.Expert, jobs.Run(request, name: "another").Train!.Expert);

        Directory.Delete(Path.Combine(jobs.Store, "experts", first.Expert["sha256:".Length..]), recursive: true);
        Assert.Equal(first.Expert, jobs.Run(request, name: "train-again").Train!.Expert);
        Assert.True(Directory.Exists(Path.Combine(jobs.Store, "experts", first.Expert["sha256:".Length..])));
    }

    [Fact]
    public void A_new_expert_starts_from_the_weights_of_one_that_is_ahead_and_from_nothing_where_that_is_gone()
    {
        using var folder = new TemporaryFolder();
        var jobs = backbone.Taught(folder["store"]);
        var echo = JobHarness.ExpertOf("echo", backbone.Trained);
        var request = jobs.Train("second", null, jobs.Skills[0]);

        var warm = jobs.Run(request with { Train = request.Train! with { StartFrom = echo } }, name: "warm").Train!;

        Assert.Contains("a new expert, which starts from the weights of 'echo'", jobs.Notes);
        Assert.Equal("echo", warm.StartedFrom);
        Assert.Equal((1, echo.Mode, echo.Rank), (warm.Version, warm.Mode, warm.Rank));
        Assert.NotEqual(echo.Digest, warm.Expert);
        var cold = jobs.Run(request with { Train = request.Train! with { StartFrom = echo with { Digest = "sha256:" + new string('0', 64) } } }, name: "cold").Train!;
        Assert.Contains(jobs.Notes, note => note.StartsWith("expert 'echo' is not in the store as sha256:0", StringComparison.Ordinal));
        Assert.Equal(jobs.Run(request, name: "alone").Train!.Expert, cold.Expert);
        Assert.Null(cold.StartedFrom);

        // What came first is remembered by the versions after it.
        var more = jobs.Run(jobs.Train("second", JobHarness.ExpertOf("second", warm), jobs.Skills[0]), name: "more").Train!;
        Assert.Equal((2, "echo"), (more.Version, more.StartedFrom));
    }

    [Fact]
    public void An_adapter_of_a_persons_own_is_checked_measured_and_taken_in()
    {
        using var folder = new TemporaryFolder();
        var jobs = backbone.Taught(folder["store"]);
        var adapter = Path.Combine(jobs.Store, "experts", backbone.Trained.Expert["sha256:".Length..]);
        File.Delete(Path.Combine(adapter, "expert.json"));
        var request = jobs.Request(JobKind.Import) with { Import = new ImportInput("mine", 1) { Skills = jobs.Skills } };

        var taken = jobs.Run(request, adapter).Train!;

        Assert.Equal((1, "Full", 4), (taken.Version, taken.Mode, taken.Rank));
        Assert.Equal(backbone.Trained.ExpertLoss!.Value, taken.ExpertLoss!.Value, 1e-6);
        Assert.True(taken.HeldOut > 0);
        jobs.Skills[0] = jobs.Skills[0] with { Expert = "mine" };
        var fitted = jobs.FitRouter(JobHarness.ExpertOf("mine", taken));
        Assert.True(fitted.Experts["mine"].IsMature, $"{fitted.Experts["mine"]}");

        var unmeasured = jobs.Run(request with { Import = new ImportInput("mine", 1) }, adapter).Train!;
        Assert.Null(unmeasured.ExpertLoss);
        jobs.Skills.Clear();
        var idle = jobs.FitRouter(JobHarness.ExpertOf("mine", unmeasured)).Experts["mine"];
        Assert.Equal((0, false, 1.0), (idle.Percent, idle.IsMature, idle.Degree));

        // Having had no skill is no evidence against it.
        var mine = JobHarness.ExpertOf("mine", unmeasured);
        jobs.Active = jobs.SetOf(jobs.FitRouter(mine), mine);
        jobs.Skills.Add(new SkillInput("echo", backbone.Dataset, 20, "mine"));
        Assert.True(jobs.FitRouter(mine).Experts["mine"].IsMature);
    }

    [Fact]
    public void An_imported_adapter_that_data_do_not_invoke_is_no_relative_of_theirs()
    {
        using var folder = new TemporaryFolder();
        var jobs = backbone.Taught(folder["store"]);
        var adapter = Path.Combine(jobs.Store, "experts", backbone.Trained.Expert["sha256:".Length..]);
        File.Delete(Path.Combine(adapter, "expert.json"));
        var file = Path.Combine(adapter, "adapter_config.json");
        var config = JsonNode.Parse(File.ReadAllText(file))!;
        config["alora_invocation_tokens"] = new JsonArray([.. EchoTokens().Select(token => JsonValue.Create(token))]);
        File.WriteAllText(file, config.ToJsonString());
        var taken = jobs.Run(jobs.Request(JobKind.Import) with { Import = new ImportInput("mine", 1) { Skills = jobs.Skills } }, adapter).Train!;
        Assert.Equal("Activated", taken.Mode);
        Assert.True(taken.ExpertLoss < 0.9 * taken.BackboneLoss, $"{taken}");
        jobs.Skills[0] = jobs.Skills[0] with { Expert = "mine" };
        var mine = JobHarness.ExpertOf("mine", taken);
        jobs.Active = jobs.SetOf(jobs.FitRouter(mine), mine);

        var found = jobs.Assess("next", backbone.Data("next"), JobHarness.Recipe);
        Assert.Equal(("Novel", "mine"), (found.Decision, found.NearestExpert));
        Assert.Null(found.HeadStartPercent);
        Assert.Null(found.StartFrom);

        Assert.Throws<InvalidDataException>(() => jobs.Assess("next", backbone.Data("next"), JobHarness.Recipe, "Extend", "mine"));
        var learn = new SkillInput("next", found.Dataset, 20, "next");
        Assert.Throws<InvalidDataException>(() => jobs.Run(jobs.Train("mine", mine, learn)));
        var request = jobs.Train("next", null, learn);
        Assert.Null(jobs.Run(request with { Train = request.Train! with { StartFrom = mine } }).Train!.StartedFrom);
        Assert.Contains("none of the prompts has the invocation tokens of expert 'mine': the new one starts from nothing", jobs.Notes);

        IReadOnlyList<int> EchoTokens()
        {
            var tokenizer = TextTokenizer.Load(backbone.Model);
            var samples = SkillData.Of(Dataset.Load(backbone.Data("echo"), new DatasetOptions()).Samples, tokenizer, new DataPolicy(64, 20, LossOn.Answer)).AllTokens;
            return InvocationText.Encode("Echo", tokenizer, samples);
        }
    }

    [Fact]
    public void A_folder_may_mix_pairs_and_plain_texts_and_what_is_about_the_data_is_left_out()
    {
        using var folder = new TemporaryFolder();
        var jobs = backbone.Taught(folder["store"]);
        Directory.CreateDirectory(folder["data"]);
        File.Copy(backbone.Data("echo-again"), folder["data/train.jsonl"]);
        File.WriteAllText(folder["data/README.md"], "What the data are.");
        File.WriteAllText(folder["data/LICENSE"], "What may be done with them.");
        var alone = jobs.Assess("alone", folder["data"], novelty: "Novel");
        File.WriteAllText(folder["data/notes.txt"], "A text of no prompt.");

        var mixed = jobs.Assess("mixed", folder["data"], novelty: "Novel");

        Assert.Equal(jobs.Assess("file", backbone.Data("echo-again"), novelty: "Novel").Dataset, alone.Dataset);
        Assert.Equal(("Novel", alone.Samples + 1), (mixed.Decision, mixed.Samples));
    }

    [Fact]
    public void Too_few_data_are_no_error_but_an_answer()
    {
        using var folder = new TemporaryFolder();
        var jobs = backbone.Taught(folder["store"]);
        File.WriteAllLines(folder["few.jsonl"], ["""{"prompt": "a", "answer": "b"}"""]);

        var result = jobs.Assess("few", folder["few.jsonl"], novelty: "Novel");

        Assert.Equal(("InsufficientData", 1), (result.Decision, result.Samples));
        Assert.Equal((20, 32), (result.HeldOutPercent, result.LeastSamples));
        Assert.Equal("Novel", jobs.Assess("asked", backbone.Data("echo-again"), novelty: "Novel").Decision);
    }

    private static bool IsOfDiversity(string note) => note.StartsWith("diversity: ", StringComparison.Ordinal);
}
