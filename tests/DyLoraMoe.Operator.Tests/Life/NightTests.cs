using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Tests.World;
using k8s.Models;
using static DyLoraMoe.Operator.Tests.World.Nights;

namespace DyLoraMoe.Operator.Tests.Life;

public sealed class NightTests
{
    [Fact]
    public async Task What_a_night_made_better_is_served_and_becomes_the_experts_version()
    {
        using var world = await WithExpertsAsync("reverse", "sum");
        world.Sleep();
        await world.SettleAsync();

        Assert.Equal((ConditionStatus.True, Reasons.SetAdmitted), Ready(world.Night()));
        Assert.Equal((1, RunOutcomes.Admitted, "2/2"), Run(world.Night()));
        foreach (var name in new[] { "reverse", "sum" })
        {
            var expert = world.Expert(name).Status;
            Assert.Equal((2, "Consolidated"), (expert.Artifact!.Version, expert.History![0].Reason));
            Assert.Equal((expert.Artifact.Digest, "80"), (expert.AdmittedDigest, $"{expert.Evaluation!.GainPercent}"));
            Assert.Equal(ConditionStatus.True, expert.Conditions.Find(ConditionTypes.Ready)!.Status);
            Assert.Equal([name], expert.TrainedOn!.Select(each => each.Skill));
        }
    }

    [Fact]
    public async Task What_would_do_harm_is_refused_with_figures_and_nothing_changes()
    {
        using var world = await WithExpertsAsync("reverse", "sum\ndreams of harming reverse");
        var before = world.Expert("sum").Status;
        world.Sleep();
        await world.SettleAsync();

        var night = world.Night().Status;
        Assert.Equal(["reverse Admitted", "sum Refused"], night.Run!.Experts.Select(expert => $"{expert.Name} {expert.Stage}"));
        Assert.Contains("Skill reverse would go from 0.5 to 0.9", night.Run.Experts[1].Message, StringComparison.Ordinal);
        Assert.Equal((ConditionStatus.False, Reasons.RegressionRefused), Found(world.Night(), ConditionTypes.Admitted));
        Assert.Equal((before.Artifact!.Digest, before.AdmittedDigest), (world.Expert("sum").Status.Artifact!.Digest, world.Expert("sum").Status.AdmittedDigest));
        Assert.Equal(ConditionStatus.True, world.Backbone.Status.Conditions.Find(ConditionTypes.Ready)!.Status);
        Assert.Null(world.Backbone.Status.Refused);
    }

    [Fact]
    public async Task A_night_that_was_to_be_the_only_one_says_so_when_it_is_refused()
    {
        using var world = await WithExpertsAsync("reverse", "sum\ndreams of harming reverse");
        world.Sleep(spec => spec.Experts = ["sum"]);
        await world.SettleAsync();

        Assert.Equal((ConditionStatus.False, Reasons.RegressionRefused), Ready(world.Night()));
        Assert.Equal((1, RunOutcomes.Refused, "1/1"), Run(world.Night()));
    }

    [Fact]
    public async Task What_was_refused_is_over_before_the_other_experts_are_trained_and_holds_no_other_night_up()
    {
        using var world = await WithExpertsAsync("alpha\ndreams of harming reverse", "reverse");
        world.Sleep(spec => spec.Experts = ["reverse"], "second");
        await world.SettleAsync();
        world.Work.Trouble = request => request.Consolidate?.From.Name == "reverse" ? (Reasons.EndpointUnreachable, "Nobody answers.") : null;
        world.Sleep(name: "first");
        await world.SettleAsync(looksAgain: false);
        Assert.Equal(["alpha Refused", "reverse Pending"], world.Night("first").Status.Run!.Experts.Select(expert => $"{expert.Name} {expert.Stage}"));
        Assert.Equal("1/2", world.Night("first").Status.Run!.Progress);

        world.Sleep(spec => spec.Experts = ["alpha"], "second");
        await world.SettleAsync(looksAgain: false);
        Assert.Equal((ConditionStatus.False, Reasons.RegressionRefused), Ready(world.Night("second")));
        Assert.Equal((2, RunOutcomes.Refused, "1/1"), Run(world.Night("second")));
    }

    [Fact]
    public async Task What_is_served_becomes_the_experts_version_although_another_night_offers_something_else()
    {
        using var world = await WithExpertsAsync("alpha", "reverse");
        world.Sleep(spec => spec.Experts = ["reverse"], "first");
        await world.SettleAsync();
        world.PodQuota = 0;
        world.Sleep(spec => spec.Experts = ["alpha"], "second");
        await world.SettleAsync(looksAgain: false);
        world.Sleep(spec => spec.Experts = ["alpha"], "first");
        await world.SettleAsync(looksAgain: false);
        Assert.All(new[] { "first", "second" }, name => Assert.Equal(NightStages.Offered, world.Night(name).Status.Run!.Experts.Single().Stage));

        world.PodQuota = null;
        await world.SettleAsync();
        Assert.Equal((NightStages.Admitted, NightStages.Superseded), (world.Night("second").Status.Run!.Experts.Single().Stage, world.Night("first").Status.Run!.Experts.Single().Stage));
        Assert.Equal(world.Night("second").Status.Run!.Experts.Single().Artifact!.Digest, world.Expert("alpha").Status.Artifact!.Digest);
        Assert.Equal(ConditionStatus.True, world.Expert("alpha").Status.Conditions.Find(ConditionTypes.Ready)!.Status);
    }

    [Fact]
    public async Task An_expert_that_is_as_good_already_and_one_that_fails_stay_as_they_are()
    {
        using var world = await WithExpertsAsync("reverse\nrests", "sum\nnightmare");
        world.Sleep();
        await world.SettleAsync();

        Assert.Equal(["reverse Unchanged", "sum Failed"], world.Night().Status.Run!.Experts.Select(expert => $"{expert.Name} {expert.Stage}"));
        Assert.Equal((ConditionStatus.False, Reasons.JobFailed), Ready(world.Night()));
        Assert.Equal((ConditionStatus.False, Reasons.JobFailed), Found(world.Night(), ConditionTypes.Consolidated));
        Assert.Equal(1, world.Expert("reverse").Status.Artifact!.Version);

        world.Server.Change<Consolidation>(OperatorWorld.Namespace, "nightly", found => found.Metadata.Annotations = new Dictionary<string, string> { [Annotations.RetryAt] = "now" });
        await world.SettleAsync();
        Assert.Equal(2, world.Night().Status.Run!.Number);
        Assert.Equal([1], world.Night().Status.History!.Select(run => run.Number));
    }

    [Fact]
    public async Task One_that_fails_beside_others_that_became_better_is_told_of()
    {
        using var world = await WithExpertsAsync("reverse", "sum\nnightmare");
        world.Sleep();
        await world.SettleAsync();

        Assert.Equal((1, RunOutcomes.Admitted, "2/2"), Run(world.Night()));
        Assert.Equal((ConditionStatus.True, Reasons.ConsolidationComplete), Found(world.Night(), ConditionTypes.Consolidated));
        Assert.Equal("Run 1: 1 of 2 experts have a new version. sum: The loss is not a number.", world.Night().Status.Conditions.Find(ConditionTypes.Consolidated)!.Message);
    }

    [Fact]
    public async Task An_expert_that_is_served_without_a_gain_gets_what_a_night_makes_better()
    {
        using var world = await WithExpertsAsync("reverse");
        world.Server.Change<LoraExpert>(OperatorWorld.Namespace, "reverse", found => found.Status.Evaluation = found.Status.Evaluation! with { GainPercent = 0 });
        world.Sleep();
        await world.SettleAsync();

        Assert.Equal((1, RunOutcomes.Admitted, "1/1"), Run(world.Night()));
        Assert.Equal((2, 80), (world.Expert("reverse").Status.Artifact!.Version, world.Expert("reverse").Status.Evaluation!.GainPercent));
    }

    [Fact]
    public async Task What_a_night_makes_no_better_than_the_bare_backbone_enters_no_set_whatever_its_expert_was()
    {
        using var world = await WithExpertsAsync("reverse\ndreams of nothing");
        var before = world.Backbone.Status.ActiveRevision;
        world.Sleep();
        await world.SettleAsync();

        Assert.Equal((1, RunOutcomes.Refused, "1/1"), Run(world.Night()));
        Assert.Contains("no better than the bare backbone", world.Night().Status.Run!.Experts.Single().Message, StringComparison.Ordinal);
        Assert.Equal((1, before), (world.Expert("reverse").Status.Artifact!.Version, world.Backbone.Status.ActiveRevision));
    }

    [Fact]
    public async Task The_key_of_a_judge_reaches_the_job_by_reference_and_no_request()
    {
        using var world = await WithExpertsAsync("reverse");
        world.JobsEnd = false;
        world.Sleep(spec => spec.Dreams = new() { Judge = new() { Url = "https://judge.example/v1", Model = "wise", LeastScore = "0.75", ApiKeySecretRef = new() { Name = "judge", Key = "api-key" } } });
        await world.SettleAsync();

        var job = world.Server.All<V1Job>().Single(job => job.Metadata.Labels[Labels.JobKind] == nameof(JobKind.Consolidate));
        var request = world.Server.Find<V1ConfigMap>(OperatorWorld.Namespace, job.Metadata.Name)!.Data.Values.Single();
        var secret = job.Spec.Template.Spec.Containers.Single().Env.Single(variable => variable.Name == JudgeInput.KeyVariable).ValueFrom.SecretKeyRef;
        Assert.Equal(("judge", "api-key", (bool?)null), (secret.Name, secret.Key, secret.Optional));
        Assert.Equal(new JudgeInput("https://judge.example/v1", "wise", 0.75), ContractJson.Read<JobRequest>(request).Consolidate!.Dreams!.Judge);
        Assert.DoesNotContain("api-key", request, StringComparison.Ordinal);
        Assert.DoesNotContain(world.Server.All<V1Job>().Where(other => other.Metadata.Name != job.Metadata.Name), other => other.Spec.Template.Spec.Containers[0].Env.Any(variable => variable.Name == JudgeInput.KeyVariable));
    }

    [Fact]
    public async Task Rules_of_dreams_and_the_time_of_each_skill_reach_the_job_and_a_rule_that_is_none_is_named()
    {
        using var world = await WithExpertsAsync("reverse");
        world.JobsEnd = false;
        world.Sleep(spec => spec.Dreams = new() { Rules = [new() { Skill = "reverse", Pattern = "(" }] });
        await world.SettleAsync(looksAgain: false);
        Assert.Equal((ConditionStatus.False, Reasons.InvalidSpec), Found(world.Night(), ConditionTypes.Accepted));
        Assert.Contains("skill reverse is no regular expression", world.Night().Status.Conditions.Single(condition => condition.Type == ConditionTypes.Accepted).Message, StringComparison.Ordinal);

        world.Sleep(spec => spec.Dreams = new() { Rules = [new() { Skill = "reverse", Pattern = @"(\w)(\w) -> \2\1" }] });
        await world.SettleAsync();

        var job = world.Server.All<V1Job>().Single(job => job.Metadata.Labels[Labels.JobKind] == nameof(JobKind.Consolidate));
        var request = ContractJson.Read<JobRequest>(world.Server.Find<V1ConfigMap>(OperatorWorld.Namespace, job.Metadata.Name)!.Data.Values.Single()).Consolidate!;
        Assert.Equal([new RuleInput("reverse", @"(\w)(\w) -> \2\1")], request.Dreams!.Rules);
        Assert.NotNull(Assert.Single(request.Skills).Since);
    }

    [Fact]
    public async Task The_expert_that_learns_episodes_reads_the_memory_and_no_other_job_does()
    {
        using var world = await WithExpertsAsync("reverse", "sum");
        world.Sleep(spec => spec.Episodes = new() { Expert = "sum", LeastScore = "1.5", MaxEpisodes = 32 });
        await world.SettleAsync(looksAgain: false);
        Assert.Equal((ConditionStatus.False, Reasons.NoMemory), Found(world.Night(), ConditionTypes.Accepted));

        world.Apply(spec => spec.Serving.Memory = Memory());
        await world.SettleAsync();

        Assert.Equal((1, RunOutcomes.Admitted, "2/2"), Run(world.Night()));
        var jobs = world.Server.All<V1Job>().Where(job => job.Metadata.Labels[Labels.JobKind] == nameof(JobKind.Consolidate)).ToList();
        var reader = Assert.Single(jobs, job => job.Spec.Template.Spec.Volumes.Any(volume => volume.PersistentVolumeClaim?.ClaimName == "memory"));
        var request = ContractJson.Read<JobRequest>(world.Server.Find<V1ConfigMap>(OperatorWorld.Namespace, reader.Metadata.Name)!.Data.Values.Single()).Consolidate!;
        Assert.Equal(("sum", new EpisodeInput(1.5, 32)), (request.From.Name, request.Episodes));
        var container = reader.Spec.Template.Spec.Containers.Single();
        Assert.Equal("/dylora/data/tiny", container.Args[container.Args.IndexOf("--data") + 1]);
        Assert.True(container.VolumeMounts.Single(mount => mount.Name == "data").ReadOnlyProperty);
    }

    [Theory]
    [InlineData("nobody", "there is no LoraExpert nobody of Backbone tiny")]
    [InlineData("mine", "it was brought by its spec.source, and has learnt no Skill")]
    [InlineData("sum", "it is suspended by its spec")]
    public async Task An_expert_that_is_to_learn_episodes_and_takes_no_part_is_told_of(string expert, string why)
    {
        using var world = await WithExpertsAsync("reverse", "sum");
        await BringAsync(world);
        world.Learn("sum", change: spec => spec.Suspend = true);
        await world.SettleAsync();
        world.Sleep(spec => spec.Episodes = new() { Expert = expert });
        await world.SettleAsync();

        Assert.Equal((1, RunOutcomes.Admitted, "1/1"), Run(world.Night()));
        Assert.Equal((ConditionStatus.False, Reasons.EpisodesNotLearnt), Found(world.Night(), ConditionTypes.Consolidated));
        Assert.Contains(why, world.Night().Status.Conditions.Find(ConditionTypes.Consolidated)!.Message, StringComparison.Ordinal);
        Assert.Contains(world.Server.Events, told => told.Reason == Reasons.EpisodesNotLearnt && told.Message.Contains(why, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_expert_that_could_learn_episodes_only_after_the_one_run_is_told_of_with_what_begins_another()
    {
        using var world = await WithExpertsAsync("reverse", "sum");
        world.Apply(spec => spec.Serving.Memory = Memory());
        world.Learn("sum", change: spec => spec.Suspend = true);
        await world.SettleAsync();
        world.Sleep(spec => spec.Episodes = new() { Expert = "sum" });
        await world.SettleAsync();
        world.Learn("sum");
        world.Restart();
        await world.SettleAsync();

        Assert.Equal((1, RunOutcomes.Admitted, "1/1"), Run(world.Night()));
        Assert.Contains(Annotations.RetryAt, world.Night().Status.Conditions.Find(ConditionTypes.Consolidated)!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expert_whose_newest_version_a_pinned_revision_does_not_hold_learns_no_episodes()
    {
        using var world = await WithExpertsAsync("reverse", "sum");
        world.Apply(spec => (spec.Serving.Memory, spec.Serving.Revision) = (Memory(), world.Backbone.Status.ActiveRevision));
        world.Learn("sum", "more");
        await world.SettleAsync();
        world.Sleep(spec => spec.Episodes = new() { Expert = "sum" });
        await world.SettleAsync();

        Assert.Equal((ConditionStatus.False, Reasons.EpisodesNotLearnt), Found(world.Night(), ConditionTypes.Consolidated));
        Assert.Contains("is not in the revision that the Backbone is pinned to", world.Night().Status.Conditions.Find(ConditionTypes.Consolidated)!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Experts_that_are_served_and_take_no_part_are_named_with_what_keeps_them()
    {
        using var world = await WithExpertsAsync();
        await BringAsync(world);
        world.Sleep(spec => spec.Episodes = new() { Expert = "nobody" });
        await world.SettleAsync();

        Assert.Equal((ConditionStatus.Unknown, Reasons.NothingToConsolidate), Ready(world.Night()));
        Assert.Equal(
            "None of the experts that are served takes part: mine (it was brought by its spec.source, and has learnt no Skill). "
            + "No episodes are learnt, since expert nobody takes no part: there is no LoraExpert nobody of Backbone tiny.",
            world.Night().Status.Conditions.Find(ConditionTypes.Ready)!.Message);
    }

    [Fact]
    public async Task It_waits_for_the_first_expert()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Sleep();
        await world.SettleAsync();
        Assert.Equal((ConditionStatus.Unknown, Reasons.NothingToConsolidate), Ready(world.Night()));

        world.Learn("reverse");
        await world.SettleAsync();
        Assert.Equal((1, RunOutcomes.Admitted, "1/1"), Run(world.Night()));
    }

    [Fact]
    public async Task It_runs_again_when_what_it_is_to_do_changes_and_only_then()
    {
        using var world = await WithExpertsAsync("reverse");
        world.Sleep();
        await world.SettleAsync();
        world.Sleep(spec => spec.HistoryLimit = 1);
        await world.SettleAsync();
        Assert.Equal(1, world.Night().Status.Run!.Number);

        world.Sleep(spec => spec.Dreams = new() { Count = 8 });
        await world.SettleAsync();
        Assert.Equal(2, world.Night().Status.Run!.Number);
        Assert.Equal(2, world.Night().Status.Run!.Experts[0].Dreams);
        Assert.Equal(3, world.Expert("reverse").Status.Artifact!.Version);
    }

    [Fact]
    public async Task A_run_whose_work_is_changed_ends_with_what_it_has_and_another_begins()
    {
        using var world = await WithExpertsAsync("alpha", "reverse");
        world.JobsEnd = false;
        world.Sleep();
        await world.SettleAsync(looksAgain: false);
        Assert.NotNull(world.Night().Status.Job);

        world.Sleep(spec => spec.Dreams = new() { Count = 8 });
        world.JobsEnd = true;
        await world.SettleAsync();

        var status = world.Night().Status;
        Assert.Equal((2, RunOutcomes.Admitted, "2/2"), Run(world.Night()));
        Assert.Equal((1, RunOutcomes.Unchanged, "2 Superseded"), status.History!.Select(run => (run.Number, run.Outcome, run.Message)).Single());
        Assert.All(world.Work.Requests.Where(request => request.Consolidate?.Run == 2), request => Assert.Equal(8, request.Consolidate!.Dreams!.Count));
    }

    [Fact]
    public async Task A_night_of_the_same_name_goes_on_with_nothing_that_an_earlier_one_left()
    {
        using var world = await WithExpertsAsync("reverse");
        world.Sleep();
        await world.SettleAsync();
        world.Server.Delete<Consolidation>(OperatorWorld.Namespace, world.Night().Metadata.Name);
        await world.SettleAsync();
        world.Sleep();
        await world.SettleAsync();

        var asked = world.Work.Requests.Where(request => request.Kind == JobKind.Consolidate).Select(request => request.Consolidate!).ToList();
        Assert.Equal([1, 1], asked.Select(night => night.Run));
        Assert.Equal(2, asked.Select(night => night.Consolidation).Distinct().Count());
    }

    [Fact]
    public async Task New_data_go_before_what_a_night_makes()
    {
        using var world = await WithExpertsAsync("reverse");
        world.JobsEnd = false;
        world.Sleep();
        await world.SettleAsync(looksAgain: false);
        world.Learn("reverse", "more");
        await world.SettleAsync(looksAgain: false);
        world.JobsEnd = true;
        await world.SettleAsync();

        Assert.Contains(world.Night().Status.Run!.Experts[0].Stage, new[] { NightStages.Superseded, NightStages.Admitted });
        Assert.Contains(world.Expert("reverse").Status.TrainedOn!, each => each.Dataset == world.Skill("reverse").Status.Dataset!.Digest);
        Assert.Equal(ConditionStatus.True, world.Expert("reverse").Status.Conditions.Find(ConditionTypes.Ready)!.Status);
    }

    [Fact]
    public async Task What_is_offered_waits_for_a_backbone_that_takes_nothing_and_says_why()
    {
        using var world = await WithExpertsAsync("reverse");
        world.Apply(spec => spec.Serving.Revision = world.Backbone.Status.ActiveRevision);
        world.Sleep();
        await world.SettleAsync();
        Assert.Equal(NightStages.Offered, world.Night().Status.Run!.Experts.Single().Stage);
        Assert.Equal((ConditionStatus.Unknown, Reasons.RevisionPinned), Found(world.Night(), ConditionTypes.Admitted));
        Assert.Equal((ConditionStatus.Unknown, Reasons.RevisionPinned), Ready(world.Night()));

        world.Apply(spec => spec.Suspend = true);
        await world.SettleAsync();
        Assert.Equal((ConditionStatus.Unknown, Reasons.Suspended), Found(world.Night(), ConditionTypes.Admitted));
        Assert.Equal((ConditionStatus.Unknown, Reasons.Suspended), Ready(world.Night()));

        world.Apply();
        await world.SettleAsync();
        Assert.Equal((1, RunOutcomes.Admitted, "1/1"), Run(world.Night()));
    }

    [Fact]
    public async Task Deleted_in_the_middle_it_leaves_nothing_behind()
    {
        using var world = await WithExpertsAsync("reverse");
        world.JobsEnd = false;
        world.Sleep();
        await world.SettleAsync(looksAgain: false);
        Assert.NotNull(world.Night().Status.Job);

        world.Server.Delete<Consolidation>(OperatorWorld.Namespace, "nightly");
        await world.SettleAsync(looksAgain: false);
        world.JobsEnd = true;
        await world.SettleAsync();

        Assert.Null(world.Server.Find<Consolidation>(OperatorWorld.Namespace, "nightly"));
        Assert.DoesNotContain(world.Work.Requests, request => request.Kind == JobKind.Consolidate);
        Assert.Equal(1, world.Expert("reverse").Status.Artifact!.Version);
    }

    [Fact]
    public async Task Deleted_while_its_set_is_rolled_out_it_goes_once_the_expert_has_its_version()
    {
        using var world = await WithExpertsAsync("reverse");
        world.Loads = set => set.Experts.All(expert => expert.Version == 1);
        world.Sleep();
        await world.SettleAsync(looksAgain: false);
        world.Server.Delete<Consolidation>(OperatorWorld.Namespace, "nightly");
        world.Loads = _ => true;
        await world.SettleAsync();

        Assert.Null(world.Server.Find<Consolidation>(OperatorWorld.Namespace, "nightly"));
        var expert = world.Expert("reverse").Status;
        Assert.Equal(expert.AdmittedDigest, expert.Artifact!.Digest);
        Assert.Equal(ConditionStatus.True, expert.Conditions.Find(ConditionTypes.Ready)!.Status);
    }

    private static async Task BringAsync(OperatorWorld world)
    {
        world.Apply(spec => spec.Serving.Memory = Memory());
        world.Server.Create(new LoraExpert
        {
            Metadata = new() { Name = "mine", NamespaceProperty = OperatorWorld.Namespace },
            Spec = new() { BackboneRef = new() { Name = "tiny" }, Source = new() { PersistentVolumeClaim = new() { ClaimName = "adapters", Path = "mine" } } },
        });
        await world.SettleAsync();
    }

    private static MemoryStorage Memory() => new() { PersistentVolumeClaim = new() { ClaimName = "memory", Path = "tiny" } };
}
