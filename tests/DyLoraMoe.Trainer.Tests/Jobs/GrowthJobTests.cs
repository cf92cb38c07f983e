using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Growth;
using DyLoraMoe.Core.Growth.Experts;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Routing;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;
using DyLoraMoe.Trainer.Jobs;
using DyLoraMoe.Trainer.Tests.Workspaces;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Tests.Jobs;

public sealed class GrowthJobTests(JobBackbone backbone) : IClassFixture<JobBackbone>, IDisposable
{
    private static readonly GrowthOperatorInput _layer = new("InsertLayers");
    private static readonly GrowthOperatorInput _quarter = new("WidenFeedForward", Percent: 25);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_backbone_grows_and_its_set_follows_it_and_computes_what_it_did()
    {
        var jobs = backbone.Taught(_folder["store"]);
        var next = LearnNext(jobs);
        ExpertInput[] experts = [JobHarness.ExpertOf("echo", backbone.Trained), JobHarness.ExpertOf("next", next)];
        var before = jobs.Backbone;
        var active = jobs.SetOf(jobs.FitRouter(experts), experts);
        jobs.Active = active;

        var request = jobs.Grow(_layer, _quarter);
        var result = jobs.Run(request, name: "grow");

        var grown = result.Grow!;
        Assert.Equal((JobOutcome.Succeeded, Reasons.NothingToRelearn, true), (result.Outcome, result.Reason, grown.IsAccepted));
        Assert.InRange(grown.FunctionError, 0, 1e-5);
        Assert.InRange(grown.Divergence!.Value, 0, 1e-6);
        Assert.Equal((grown.Divergence, "Skills", 0), (grown.DivergenceBefore, grown.Judge, grown.Tokens));
        Assert.Equal(["1 layer at 1, layers 1 -> 2", "feed-forward 64 -> 80"], grown.Steps);
        Assert.True(grown.ParametersAfter > 1.2 * grown.ParametersBefore, $"{grown}");
        Assert.Equal(BackboneDigest.Of(FolderOf(jobs, grown.Artifact!)), grown.Digest);
        Assert.NotEqual(grown.Digest, grown.Artifact);
        Assert.Contains("\"growth\": \"larger\"", File.ReadAllText(Path.Combine(FolderOf(jobs, grown.Artifact!), GrownFolder.RecordFile)), StringComparison.Ordinal);
        jobs.Notes.Clear();
        Assert.Equal(grown.Artifact, jobs.Run(request, name: "grow").Grow!.Artifact);
        Assert.Empty(jobs.Notes);
        Assert.Equal(grown.Artifact, jobs.Run(request, name: "another").Grow!.Artifact);

        jobs.Adopt(grown);
        var carried = experts.Select(expert => jobs.Migrate(expert, before)).ToArray();
        Assert.Equal([2, 2], carried.Select(expert => expert.Version));
        Assert.Equal(backbone.Trained.ExpertLoss!.Value, carried[0].ExpertLoss!.Value, 1e-4);
        Assert.Equal(backbone.Trained.BackboneLoss!.Value, carried[0].BackboneLoss!.Value, 1e-4);
        Assert.InRange(Difference(jobs, grown.Artifact!, backbone.Trained.Expert, carried[0].Expert), 0, 1e-5);
        ExpertInput[] followed = [JobHarness.ExpertOf("echo", carried[0]), JobHarness.ExpertOf("next", carried[1])];

        jobs.Notes.Clear();
        var fitted = jobs.FitRouter(followed);
        Assert.True(fitted.IsCarried);
        Assert.InRange(fitted.AccuracyPercent, 90, 100);
        Assert.DoesNotContain(jobs.Notes, note => note.StartsWith("describing ", StringComparison.Ordinal));
        AssertSameRows(jobs, active.Router!, fitted.Router);
        var candidate = jobs.SetOf(fitted, followed);
        jobs.Notes.Clear();
        var check = jobs.Check(candidate);
        Assert.True(check.Check!.IsAccepted, check.Message);
        Assert.Equal(4, jobs.Notes.Count(note => note.StartsWith("measuring ", StringComparison.Ordinal)));

        var wrong = candidate with { Experts = [candidate.Experts[0] with { Digest = candidate.Experts[1].Digest }, candidate.Experts[1]] };
        jobs.Notes.Clear();
        var refused = jobs.Check(wrong);
        Assert.Equal((Reasons.RegressionRefused, "echo"), (refused.Reason, refused.Check!.Worst[0].Skill));
        Assert.Equal(2, jobs.Notes.Count(note => note.StartsWith("measuring ", StringComparison.Ordinal)));

        // From here on everything is about the grown one, which grows again.
        jobs.Active = candidate;
        Assert.Equal("Extends", jobs.Assess("echo-two", backbone.Data("echo-again"), novelty: "Extend", expert: "echo").Decision);
        var again = jobs.Run(jobs.Grow(new GrowthOperatorInput("WidenHidden", Percent: 10))).Grow!;
        Assert.Equal(["hidden width 32 -> 40"], again.Steps);
        var middle = jobs.Backbone;
        jobs.Adopt(again);
        var twice = jobs.Migrate(followed[0], middle);
        Assert.Equal(3, twice.Version);
        ExpertInput[] third = [JobHarness.ExpertOf("echo", twice), JobHarness.ExpertOf("next", jobs.Migrate(followed[1], middle))];
        jobs.Notes.Clear();
        var carriedTwice = jobs.FitRouter(third);
        Assert.True(carriedTwice.IsCarried);
        Assert.DoesNotContain(jobs.Notes, note => note.StartsWith("describing ", StringComparison.Ordinal));
        AssertSameRows(jobs, active.Router!, carriedTwice.Router);
        jobs.Active = null;
        Assert.False(jobs.FitRouter(third).IsCarried);
        jobs.Active = candidate;
        Assert.Equal(backbone.Trained.ExpertLoss!.Value, twice.ExpertLoss!.Value, 1e-4);
        Assert.Equal(Reasons.BackboneMismatch, Assert.Throws<InvalidInputException>(() => jobs.Migrate(followed[0], before)).Reason);
        Assert.Equal(Reasons.BackboneMismatch, Assert.Throws<InvalidInputException>(() => jobs.Migrate(experts[0], middle)).Reason);

        Assert.Equal(2, Backbones(jobs).Count);
        Assert.Equal(2, Collected(null).Count);
        Assert.Equal([again.Artifact!], Collected([again.Artifact!]));
        Assert.Empty(Features(jobs, grown.Digest!));
        Assert.NotEmpty(Features(jobs, before.Digest!));

        IReadOnlyList<string> Collected(IReadOnlyList<string>? stay)
        {
            var kept = new CollectInput { Datasets = [.. jobs.Skills.Select(skill => skill.Dataset)], Experts = [twice.Expert], Backbones = stay, GraceSeconds = 0 };
            jobs.Run(jobs.Request(JobKind.Collect) with { Collect = kept });
            return Backbones(jobs);
        }
    }

    [Fact]
    public void An_expert_is_measured_on_what_it_has_learnt_and_a_larger_backbone_makes_no_skill_new()
    {
        var jobs = backbone.Taught(_folder["store"]);
        var (echo, before) = (JobHarness.ExpertOf("echo", backbone.Trained), jobs.Backbone);
        var other = LearnNext(jobs);
        jobs.Skills.RemoveAll(skill => skill.Name == "next");
        jobs.Active = jobs.SetOf(jobs.FitRouter(echo), echo);
        var again = jobs.Assess("echo-two", backbone.Data("echo-again"), novelty: "Novel").Dataset;
        jobs.Skills.Add(new SkillInput("echo-two", again, 20, "echo"));
        jobs.Adopt(jobs.Run(jobs.Grow(_quarter)).Grow!);

        // One that it covers, and newer data that it is still to learn.
        var carried = jobs.Migrate(echo, before);
        var store = new ArtifactStore(jobs.Store);
        var card = ExpertCard.Open(store, carried.Expert);
        Assert.Equal(["echo"], card.Skills.Keys);
        jobs.Skills[0] = jobs.Skills[0] with { Dataset = again };
        Assert.Equal(((double?)null, (double?)null), (jobs.Migrate(echo, before).BackboneLoss, jobs.Migrate(echo, before).ExpertLoss));
        jobs.Skills[0] = jobs.Skills[0] with { Dataset = backbone.Dataset };

        // The weights of an expert of something else, whose card says that it has learnt both.
        var weights = jobs.Migrate(JobHarness.ExpertOf("next", other), before);
        var wrong = store.Publish(ArtifactKind.Expert, target =>
        {
            LearntWorkspace.Copy(store.Open(ArtifactKind.Expert, weights.Expert), target);
            var covered = KeyValuePair.Create("echo-two", card.Skills["echo"] with { Dataset = again });
            (card with { Skills = new(card.Skills.Append(covered).ToDictionary(), StringComparer.Ordinal) }).Save(target);
        });
        var member = JobHarness.ExpertOf("echo", carried);
        var refused = jobs.Check(jobs.SetOf(jobs.FitRouter(member), member with { Digest = wrong })).Check!;
        Assert.Equal([("echo", null), ("echo-two", (bool?)null)], refused.Worst.OrderBy(delta => delta.Skill, StringComparer.Ordinal).Select(delta => (delta.Skill, delta.IsNew)));
    }

    [Fact]
    public void Noise_is_learnt_back_from_the_smaller_backbone_and_a_stopped_job_goes_on()
    {
        var jobs = backbone.Taught(_folder["store"]);
        var request = jobs.Grow(_quarter);
        var relearn = new RelearnInput { Steps = 24, BatchSize = 4, Rate = 0.002, CheckpointSeconds = 0 };
        request = request with { Grow = request.Grow! with { Noise = 6, Divergence = 1, Relearn = relearn } };

        var taught = jobs.Run(request);

        Assert.Null(BackboneDescriptions.Of(FolderOf(jobs, taught.Grow!.Artifact!)).Former);
        Assert.Equal((Reasons.RelearningComplete, true), (taught.Reason, taught.Grow.IsAccepted));
        Assert.InRange(taught.Grow.FunctionError, 0, 1e-5);
        Assert.InRange(taught.Grow.Divergence!.Value, 0, 0.5 * taught.Grow.DivergenceBefore!.Value);
        Assert.Equal(24 * 4 * 64, taught.Grow.Tokens);

        request = request with { Grow = request.Grow! with { Relearn = relearn with { DataPercent = 50 } } };
        var whole = jobs.Run(request, name: "whole").Grow!;
        Assert.NotEqual(taught.Grow.Artifact, whole.Artifact);
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => jobs.Run(request, name: "stopped", progress: new At(10, stop.Cancel), stop: stop.Token));
        var resumed = new At(int.MaxValue, () => { });
        Assert.Equal(whole.Artifact, jobs.Run(request, name: "stopped", progress: resumed).Grow!.Artifact);
        Assert.InRange(resumed.First, 10, 24);
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(jobs.Store, "checkpoints"), TrainingFiles.Folder, SearchOption.AllDirectories));
    }

    [Fact]
    public void Relearning_that_comes_no_closer_is_not_kept()
    {
        var jobs = backbone.Taught(_folder["store"]);
        var request = jobs.Grow(_quarter);
        request = request with { Grow = request.Grow! with { Divergence = 1e-6, Relearn = new RelearnInput { Steps = 8, BatchSize = 2, Rate = 0.01 } } };

        var result = jobs.Run(request);

        Assert.Equal((Reasons.NothingToRelearn, true, 0), (result.Reason, result.Grow!.IsAccepted, result.Grow.Tokens));
        Assert.Equal(result.Grow.DivergenceBefore, result.Grow.Divergence);
        Assert.Contains("so it was not kept", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_gate_refuses_is_said_and_not_published()
    {
        var jobs = backbone.Taught(_folder["store"]);
        var noisy = jobs.Grow(_quarter);

        var far = jobs.Run(noisy with { Skills = [], Grow = noisy.Grow! with { Noise = 6, Divergence = 1e-6 } });
        var other = jobs.Run(noisy with { Grow = noisy.Grow! with { FunctionError = 0, Operators = [new GrowthOperatorInput("WidenHidden", To: 40)] } });

        Assert.Equal((JobOutcome.Succeeded, Reasons.DivergenceTooLarge, Reasons.FunctionChanged), (far.Outcome, far.Reason, other.Reason));
        Assert.Equal("Samples", far.Grow!.Judge);
        Assert.True(far.Grow.Divergence > 1e-6, far.Message);
        Assert.True(other.Grow!.FunctionError > 0, other.Message);
        Assert.Equal((null, null), (other.Grow.Divergence, other.Grow.DivergenceBefore));
        Assert.DoesNotContain("divergence", other.ToTerminationMessage(), StringComparison.Ordinal);
        Assert.All([far.Grow, other.Grow], refused => Assert.Equal((false, null, null), (refused.IsAccepted, refused.Digest, refused.Artifact)));
        Assert.Empty(Backbones(jobs));
    }

    [Fact]
    public void Growth_that_is_left_to_the_job_goes_where_most_is_promised_within_the_budget()
    {
        var jobs = backbone.Taught(_folder["store"]);
        string[] axes = ["Depth", "FeedForward", "Heads", "Hidden"];
        var request = jobs.Grow() with { Grow = new GrowInput { Growth = "larger", Automatic = new AutomaticGrowthInput(axes, 60) } };

        var grown = jobs.Run(request).Grow!;

        Assert.Equal(axes, grown.Pressures.Keys);
        Assert.All(grown.Pressures.Values, pressure => Assert.True(pressure > 0));
        var best = grown.Pressures.MaxBy(pair => pair.Value).Key;
        Assert.StartsWith(best switch { "Depth" => "1 layer at 1", "FeedForward" => "feed-forward 64", "Heads" => "heads 2", _ => "hidden width 32" }, grown.Steps.Single(), StringComparison.Ordinal);
        Assert.InRange(grown.ParametersAfter, 1.4 * grown.ParametersBefore, 1.6 * grown.ParametersBefore);

        var small = request with { Grow = request.Grow! with { Automatic = new AutomaticGrowthInput(axes, 1) } };
        Assert.Equal(Reasons.GrowthImpossible, Assert.Throws<InvalidInputException>(() => jobs.Run(small)).Reason);
    }

    [Theory]
    [InlineData("Sideways", null, null, "there is no such operator")]
    [InlineData("WidenHidden", null, null, "it needs either 'to'")]
    [InlineData("WidenHidden", 16, null, "found 16; growth needs a larger number")]
    [InlineData("WidenHeads", 24, null, "only a multiple of 16")]
    [InlineData("InsertLayers", null, 10, "does not take 'percent'")]
    [InlineData("WidenFeedForward", int.MaxValue, null, "expected at most")]
    [InlineData("UnshareKeyValues", null, null, "it needs 'times'")]
    public void A_growth_that_cannot_be_is_wrong_input(string name, int? to, int? percent, string reason)
    {
        var jobs = new JobHarness(backbone.Model, _folder["store"]);

        var error = Assert.Throws<InvalidInputException>(() => jobs.Run(jobs.Grow(_quarter, new GrowthOperatorInput(name, To: to, Percent: percent))));

        Assert.Equal(Reasons.GrowthImpossible, error.Reason);
        Assert.Contains("operator 2 of 2, " + name, error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void However_many_operators_there_are_the_result_fits_where_it_has_to()
    {
        var jobs = new JobHarness(backbone.Model, _folder["store"]);

        var result = jobs.Run(jobs.Grow([.. Enumerable.Range(0, 60).Select(at => new GrowthOperatorInput("WidenFeedForward", To: 65 + at))]));

        Assert.InRange(result.ToTerminationMessage().Length, 1, JobResult.LongestText - JobRun.Reserve);
        Assert.Equal("feed-forward 64 -> 65", result.Grow!.Steps[0]);
        Assert.Matches("and [0-9]+ more", result.Grow.Steps[^1]);
    }

    [Fact]
    public void A_request_says_one_way_to_grow()
    {
        var jobs = new JobHarness(backbone.Model, _folder["store"]);
        var request = jobs.Grow();

        Assert.Equal(Reasons.InvalidInput, Assert.Throws<InvalidInputException>(() => jobs.Run(request)).Reason);
        Assert.Equal(Reasons.InvalidInput, Assert.Throws<InvalidInputException>(() => jobs.Run(request with { Grow = null })).Reason);
        Assert.Equal(
            Reasons.InvalidInput,
            Assert.Throws<InvalidInputException>(() => jobs.Run(request with { Grow = request.Grow! with { Operators = [_layer], Automatic = new AutomaticGrowthInput(["Depth"], 50) } })).Reason);
    }

    [Fact]
    public void A_grown_backbone_in_a_bucket_is_there_for_jobs_on_other_machines()
    {
        using var server = S3Server.Start("experts");
        var jobs = new JobHarness(backbone.Model, server.Location("experts/team")) { Cache = _folder["first"] };
        jobs.Prepare();
        var grown = jobs.Run(jobs.Grow(_layer)).Grow!;
        var elsewhere = new JobHarness(_folder["nowhere"], jobs.Store) { Cache = _folder["second"] };
        elsewhere.Adopt(grown);

        Assert.Equal(grown.ParametersAfter, elsewhere.Prepare().Parameters);

        var third = new JobHarness(_folder["nowhere"], jobs.Store) { Cache = _folder["third"] };
        // The bucket's clock tells whole seconds.
        var collected = elsewhere.Run(elsewhere.Request(JobKind.Collect) with { Collect = new CollectInput { Backbones = [], GraceSeconds = -60 } }).Collect!;
        Assert.True(collected.FreedBytes >= grown.SizeBytes, $"{collected}");
        Assert.Contains(grown.Artifact!, Assert.Throws<ArtifactException>(() => third.Run(elsewhere.Request(JobKind.Prepare))).Message, StringComparison.Ordinal);
    }

    private TrainResult LearnNext(JobHarness jobs)
    {
        var skill = new SkillInput("next", jobs.Assess("next", backbone.Data("next"), novelty: "Novel").Dataset, 20, "next");
        var trained = jobs.Run(jobs.Train("next", null, skill)).Train!;
        jobs.Skills.Add(skill);
        return trained;
    }

    private double Difference(JobHarness jobs, string artifact, string before, string after)
    {
        using var scope = NewDisposeScope();
        using var small = ModelFolder.Load(backbone.Model);
        using var large = ModelFolder.Load(FolderOf(jobs, artifact));
        using var old = PeftFolder.Load(ExpertFolder(jobs, before), small);
        using var carried = PeftFolder.Load(ExpertFolder(jobs, after), large);
        var ids = arange(3, 63).unsqueeze(0);
        using var _ = no_grad();
        return (small.Logits(ids, new ForwardOptions { Delta = new AdapterDelta(old) }) - large.Logits(ids, new ForwardOptions { Delta = new AdapterDelta(carried) })).abs().max().item<float>();
    }

    private static void AssertSameRows(JobHarness jobs, string before, string after)
    {
        using var one = RouterOf(jobs, before);
        using var other = RouterOf(jobs, after);
        using var features = randn(64, one.Width);
        using var expected = one.Probabilities(features);
        using var actual = other.Probabilities(features);
        Assert.Equal(expected.data<float>().ToArray(), actual.data<float>().ToArray());
        Assert.NotEqual(one.Identity, other.Identity);
    }

    private static DynamicHybridRouter RouterOf(JobHarness jobs, string digest) => DynamicHybridRouter.Load(Path.Combine(jobs.Store, "routers", ArtifactDigest.Hex(digest)));

    private static string FolderOf(JobHarness jobs, string artifact) => Path.Combine(jobs.Store, "backbones", ArtifactDigest.Hex(artifact));

    private static string ExpertFolder(JobHarness jobs, string expert) => Path.Combine(jobs.Store, "experts", ArtifactDigest.Hex(expert));

    private static IReadOnlyList<string> Backbones(JobHarness jobs) => new ArtifactStore(jobs.Store).List(ArtifactKind.Backbone);

    private static IEnumerable<DerivedEntry> Features(JobHarness jobs, string digest) =>
        new DerivedStore(jobs.Store, _ => { }).List(DerivedKind.Features).Where(entry => entry.From!.Backbone == digest);

    /// <summary>Does something at a step, and remembers the first that it was told of.</summary>
    private sealed class At(int step, Action act) : IProgress<TrainingProgress>
    {
        public int First { get; private set; } = -1;

        public void Report(TrainingProgress value)
        {
            First = First < 0 ? value.Step : First;
            if (value.Step >= step)
            {
                act();
            }
        }
    }
}
