using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Tests.World;
using k8s.Models;

namespace DyLoraMoe.Operator.Tests.Life;

public sealed class LifeTests
{
    [Fact]
    public async Task A_backbone_without_skills_serves_itself()
    {
        using var world = new OperatorWorld();
        world.Apply();

        await world.SettleAsync();

        IsReady(world.Backbone.Status, world);
        Assert.Equal(0, world.Backbone.Status.Experts);
        Assert.Equal("1/1", world.Backbone.Status.Serving);
    }

    [Fact]
    public async Task New_skills_get_experts_that_mature_and_are_served()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Learn("reverse");
        world.Learn("sum");

        await world.SettleAsync();

        foreach (var name in new[] { "reverse", "sum" })
        {
            IsReady(world.Skill(name).Status, world);
            IsReady(world.Expert(name).Status, world);
            Assert.Equal(ExpertStages.Mature, world.Expert(name).Status.Stage);
            Assert.Equal(100, world.Expert(name).Status.MaturityPercent);
            Assert.Equal(75, world.Expert(name).Status.Evaluation!.GainPercent);
            Assert.Equal("1/1", world.Expert(name).Status.Served);
        }

        IsReady(world.Backbone.Status, world);
        Assert.Equal(2, world.Backbone.Status.Experts);
        Assert.Equal(RoutingModes.Sparse, world.Backbone.Status.RoutingMode);
    }

    [Fact]
    public async Task Covered_data_make_no_expert_and_extending_data_a_new_version()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Learn("reverse");
        await world.SettleAsync();

        world.Learn("same", "covered-by reverse");
        world.Learn("words", "extends reverse");
        await world.SettleAsync();

        var expert = Assert.Single(world.Server.All<LoraExpert>());
        Assert.Equal(2, expert.Status.Artifact!.Version);
        Assert.Equal(["reverse", "words"], expert.Status.TrainedOn!.Select(each => each.Skill));
        IsReady(world.Skill("same").Status, world);
        IsReady(world.Skill("words").Status, world);
        Assert.Equal(["Consolidated", "Seeded"], expert.Status.History!.Select(entry => entry.Reason));
    }

    [Fact]
    public async Task What_an_assessment_leaves_goes_without_waiting_for_another_look()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Learn("reverse");
        await world.SettleAsync();

        world.Learn("same", "covered-by reverse");
        await world.SettleAsync(looksAgain: false);

        IsReady(world.Skill("same").Status, world);
        Assert.DoesNotContain(world.Server.All<V1ConfigMap>(), map => map.Metadata.Labels[Labels.Component] == "data");
        Assert.All(world.Server.All<V1Job>(), job => Assert.NotNull(job.Spec.TtlSecondsAfterFinished));
    }

    [Fact]
    public async Task A_job_whose_end_is_seen_before_its_pods_has_a_result_all_the_same()
    {
        for (var seed = 1; seed <= 40; seed++)
        {
            using var world = new OperatorWorld(new(seed, 0) { AreWatchesLate = true });
            world.Apply();
            world.Learn("reverse");
            await world.SettleAsync();

            IsReady(world.Skill("reverse").Status, world);
        }
    }

    [Fact]
    public async Task More_data_for_a_skill_teach_its_expert_more_without_being_judged()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Learn("reverse");
        await world.SettleAsync();

        world.Learn("reverse", "more");
        await world.SettleAsync();

        Assert.Equal(2, world.Expert("reverse").Status.Artifact!.Version);
        Assert.Equal(NoveltyDecisions.Extends, world.Skill("reverse").Status.Novelty!.Decision);
        IsReady(world.Skill("reverse").Status, world);
    }

    [Fact]
    public async Task A_set_that_cannot_be_loaded_is_given_up_and_the_one_before_goes_on_serving()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Learn("reverse");
        await world.SettleAsync();
        var active = world.Backbone.Status.ActiveRevision;

        world.Loads = set => set.Experts.All(expert => expert.Name != "damaged");
        world.Learn("damaged");
        await world.SettleAsync();

        Assert.Equal(active, world.Backbone.Status.ActiveRevision);
        Assert.Equal(active, world.Server.Find<V1Deployment>(OperatorWorld.Namespace, "tiny-router")!.Spec.Template.Metadata.Annotations[Annotations.Revision]);
        Assert.True(world.Skill("damaged").Status.Conditions.IsTrue(ConditionTypes.Stalled));
        Assert.Equal(Reasons.RollOutStuck, Assert.Single(world.Backbone.Status.Refused!).Reason);
        Assert.Equal(Reasons.RollOutStuck, world.Expert("damaged").Status.Conditions.Find(ConditionTypes.Served)!.Reason);
        Assert.Equal(Reasons.RollOutStuck, world.Skill("damaged").Status.Conditions.Find(ConditionTypes.Ready)!.Reason);
        IsReady(world.Skill("reverse").Status, world);
        Assert.Contains(world.Server.Events, told => told.Reason == Reasons.RollOutStuck);
    }

    [Fact]
    public async Task A_deleted_skill_leaves_the_set_before_its_expert_goes_and_its_weights_are_removed()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Learn("reverse");
        world.Learn("sum", change: spec => spec.DeletionPolicy = DeletionPolicies.Delete);
        await world.SettleAsync();

        world.Server.Delete<Skill>(OperatorWorld.Namespace, "sum");
        await world.SettleAsync();

        Assert.Equal("reverse", Assert.Single(world.Server.All<Skill>()).Metadata.Name);
        Assert.Equal("reverse", Assert.Single(world.Server.All<LoraExpert>()).Metadata.Name);
        Assert.Equal(1, world.Backbone.Status.Experts);
        IsReady(world.Backbone.Status, world);
        Assert.InRange(Jobs(world, "Collect"), 1, 2);
    }

    [Fact]
    public async Task A_suspended_skill_does_nothing_until_it_is_resumed()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Learn("later", change: spec => spec.Suspend = true);
        await world.SettleAsync();

        Assert.Equal(Reasons.Suspended, world.Skill("later").Status.Conditions.Find(ConditionTypes.Ready)!.Reason);
        Assert.Empty(world.Server.All<LoraExpert>());

        world.Learn("later");
        await world.SettleAsync();
        IsReady(world.Skill("later").Status, world);
    }

    [Fact]
    public async Task A_running_job_is_suspended_with_its_skill_and_goes_on_after_it()
    {
        using var world = new OperatorWorld { JobsEnd = false };
        world.Apply();
        world.JobsEnd = true;
        await world.SettleAsync();
        world.JobsEnd = false;
        world.Learn("slow");
        await world.SettleAsync();
        world.Learn("slow", change: spec => spec.Suspend = true);
        await world.SettleAsync();
        Assert.All(world.Server.All<V1Job>().Where(job => job.Metadata.Labels[Labels.JobKind] == "Assess"), job => Assert.True(job.Spec.Suspend));

        world.Learn("slow");
        world.JobsEnd = true;
        await world.SettleAsync();
        IsReady(world.Skill("slow").Status, world);
    }

    [Fact]
    public async Task The_growth_budget_is_kept()
    {
        using var world = new OperatorWorld();
        world.Apply(spec => spec.MaxExperts = 1);
        world.Learn("first");
        await world.SettleAsync();
        world.Learn("second");
        await world.SettleAsync();

        Assert.Equal(Reasons.GrowthBudgetSpent, world.Skill("second").Status.Conditions.Find(ConditionTypes.Ready)!.Reason);
        Assert.Single(world.Server.All<LoraExpert>());

        world.Apply(spec => spec.MaxExperts = 2);
        await world.SettleAsync();
        IsReady(world.Skill("second").Status, world);
    }

    [Theory]
    [InlineData("bad", Reasons.DataInvalid)]
    [InlineData("few", Reasons.InsufficientData)]
    [InlineData("fails", Reasons.ExpertFailed)]
    [InlineData("useless", Reasons.NoGain)]
    public async Task What_cannot_be_learnt_stalls_with_the_reason(string data, string reason)
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Learn("odd", data);

        await world.SettleAsync();

        var conditions = world.Skill("odd").Status.Conditions;
        Assert.True(conditions.IsTrue(ConditionTypes.Stalled), world.Story());
        Assert.Equal(reason, conditions.Find(ConditionTypes.Ready)!.Reason);
        IsReady(world.Backbone.Status, world);
        await JobsGoAndNothingIsBegunAgainAsync(world);
    }

    [Fact]
    public async Task A_backbone_that_cannot_be_prepared_stalls_with_the_reason()
    {
        using var world = new OperatorWorld();
        world.Work.Trouble = request => ("BackboneInvalid", "The weights are of another model.");
        world.Apply();
        await world.SettleAsync();

        Assert.True(world.Backbone.Status.Conditions.IsTrue(ConditionTypes.Stalled), world.Story());
        await JobsGoAndNothingIsBegunAgainAsync(world);
    }

    // As the cluster's controller lets them go.
    private static async Task JobsGoAndNothingIsBegunAgainAsync(OperatorWorld world)
    {
        var (created, statuses) = (world.Server.Created.Count, Statuses());
        Assert.NotEmpty(world.Server.All<V1Job>());
        Assert.All(world.Server.All<V1Job>(), job => Assert.Equal(3600, job.Spec.TtlSecondsAfterFinished));
        foreach (var job in world.Server.All<V1Job>())
        {
            world.Server.Delete<V1Job>(OperatorWorld.Namespace, job.Metadata.Name);
        }

        await world.SettleAsync();
        world.Restart();
        await world.SettleAsync();
        Assert.Equal(created, world.Server.Created.Count);
        Assert.Equal(statuses, Statuses());

        List<string> Statuses() => [.. world.Server.Everything.Where(each => each.Type.Namespace == typeof(Skill).Namespace).Select(each => each.Json["status"]!["conditions"]!.ToJsonString())];
    }

    [Fact]
    public async Task At_most_so_many_jobs_run_at_once()
    {
        using var world = new OperatorWorld();
        world.Apply(spec => spec.Training.MaxConcurrentJobs = 2);
        await world.SettleAsync();
        world.JobsEnd = false;
        for (var number = 0; number < 6; number++)
        {
            world.Learn($"skill-{number}");
        }

        await world.SettleAsync();

        Assert.Equal(2, world.Server.All<V1Job>().Count(job => !Operator.Jobs.JobReading.IsOver(job)));
        Assert.Equal(4, world.Server.All<Skill>().Count(skill => skill.Status.Conditions.Find(ConditionTypes.Ready)!.Reason == Reasons.WaitingForSlot));
        world.JobsEnd = true;
        await world.SettleAsync();
        Assert.All(world.Server.All<Skill>(), skill => IsReady(skill.Status, world));
        Assert.All(world.Server.Events.Where(told => told.About is Skill).CountBy(told => $"{told.About.Metadata.Name} {told.Message}"), told => Assert.Equal(1, told.Value));
        Assert.DoesNotContain(world.Server.Events, told => told.Reason == Reasons.WaitingForSlot && told.Message.StartsWith("Ready", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_backbone_says_how_many_jobs_run_and_wait_now()
    {
        using var world = new OperatorWorld();
        world.Apply(spec => spec.Training.MaxConcurrentJobs = 2);
        await world.SettleAsync();
        world.JobsEnd = false;
        foreach (var name in new[] { "reverse", "sum", "words" })
        {
            world.Learn(name);
        }

        Assert.Equal((2, 1), await FiguresAsync());
        world.JobsEnd = true;
        Assert.Equal((0, 0), await FiguresAsync());
        var version = world.Server.Version;
        Assert.Equal((0, 0), await FiguresAsync());
        Assert.Equal(version, world.Server.Version);

        async Task<(int?, int?)> FiguresAsync()
        {
            await world.SettleAsync(looksAgain: false);
            world.LookAround();
            await world.SettleAsync(looksAgain: false);
            return (world.Backbone.Status.RunningJobs, world.Backbone.Status.WaitingJobs);
        }
    }

    [Fact]
    public async Task An_adapter_of_ones_own_is_taken_in_and_served()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Server.Create(new LoraExpert
        {
            Metadata = new() { Name = "mine", NamespaceProperty = OperatorWorld.Namespace },
            Spec = new() { BackboneRef = new() { Name = "tiny" }, Source = new() { PersistentVolumeClaim = new() { ClaimName = "adapters", Path = "mine" } } },
        });

        await world.SettleAsync();

        IsReady(world.Expert("mine").Status, world);
        Assert.Equal("Imported", Assert.Single(world.Expert("mine").Status.History!).Reason);
        Assert.Equal(1, world.Backbone.Status.Experts);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_adapter_of_ones_own_stays_what_it_has_become_however_many_versions_later(bool isFromBefore)
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Server.Create(new LoraExpert
        {
            Metadata = new() { Name = "mine", NamespaceProperty = OperatorWorld.Namespace },
            Spec = new() { BackboneRef = new() { Name = "tiny" }, Source = new() { PersistentVolumeClaim = new() { ClaimName = "adapters", Path = "mine" } } },
        });
        await world.SettleAsync();
        for (var lesson = 1; lesson <= Bounds.History + 1; lesson++)
        {
            if (isFromBefore)
            {
                world.Server.Change<LoraExpert>(OperatorWorld.Namespace, "mine", found => found.Status.Imported = null);
            }

            world.Learn("words", $"extends mine\n{lesson}");
            await world.SettleAsync();
        }

        Assert.Equal(Bounds.History + 2, world.Expert("mine").Status.Artifact!.Version);
        Assert.All(world.Expert("mine").Status.History!, entry => Assert.Equal("Consolidated", entry.Reason));
        IsReady(world.Skill("words").Status, world);
        Assert.NotNull(world.Expert("mine").Status.Imported);
    }

    [Fact]
    public async Task A_backbone_waits_for_its_skills_to_be_deleted_first()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Learn("reverse");
        await world.SettleAsync();

        world.Server.Delete<Backbone>(OperatorWorld.Namespace, "tiny");
        await world.SettleAsync(looksAgain: false);
        Assert.NotNull(world.Backbone);
        foreach (var status in new IConditioned[] { world.Skill("reverse").Status, world.Expert("reverse").Status })
        {
            Assert.Equal((ConditionStatus.Unknown, Reasons.BackboneNotReady), status.Conditions.Find(ConditionTypes.Ready) is { } ready ? (ready.Status, ready.Reason) : ("", null));
        }

        Assert.False(world.Expert("reverse").Status.Conditions.IsTrue(ConditionTypes.Served));
        await world.SettleAsync();

        world.Server.Delete<Skill>(OperatorWorld.Namespace, "reverse");
        await world.SettleAsync();
        Assert.Empty(world.Server.All<Backbone>());
        Assert.Empty(world.Server.All<LoraExpert>());
        Assert.Empty(world.Server.All<V1Deployment>());
    }

    [Fact]
    public async Task What_is_settled_is_not_written_again()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Learn("reverse");
        world.Learn("sum", "harms reverse");
        await world.SettleAsync();
        var version = world.Server.Version;

        world.Restart();
        await world.SettleAsync();

        // Two accounts, a role, its binding, a Deployment and its Service: each is applied once, and is as it was.
        Assert.Equal(version, world.Server.Version);
        Assert.Equal(6, world.Cluster.Writes);

        await world.SettleAsync();
        Assert.Equal(6, world.Cluster.Writes);
    }

    internal static int Jobs(OperatorWorld world, string kind) => world.Server.Created.Count(key => key.StartsWith("V1Job/", StringComparison.Ordinal) && key.Contains("-" + kind.ToLowerInvariant() + "-", StringComparison.Ordinal));

    internal static void IsReady(IConditioned status, OperatorWorld world) => Assert.True(status.Conditions.IsTrue(ConditionTypes.Ready), world.Story());
}
