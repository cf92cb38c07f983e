using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Backbones;
using DyLoraMoe.Operator.Tests.World;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Operator.Tests.Life;

/// <summary>What a cluster does to work over the years, and what people do about it.</summary>
public sealed class RecoveryTests
{
    [Fact]
    public async Task A_set_that_was_given_up_is_rolled_out_once_somebody_asks_for_it_again()
    {
        using var world = new OperatorWorld();
        await LearnReverseAsync(world);
        world.Loads = set => set.Experts.All(expert => expert.Name != "sum");
        world.Learn("sum");
        await world.SettleAsync();
        Assert.True(world.Skill("sum").Status.Conditions.IsTrue(ConditionTypes.Stalled));

        world.Loads = _ => true;
        Retry<Backbone>(world, "tiny");
        await world.SettleAsync();

        Assert.Equal(2, world.Backbone.Status.Experts);
        IsReady(world, world.Skill("sum").Status);
        IsReady(world, world.Backbone.Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_set_that_was_given_up_goes_once_its_expert_has_gone_or_is_another(bool isDeleted)
    {
        using var world = new OperatorWorld();
        await LearnReverseAsync(world);
        world.Loads = set => set.Experts.All(expert => expert.Name != "sum" || expert.Version > 1);
        world.Learn("sum");
        await world.SettleAsync();
        Assert.Single(GivenUp());

        world.Restart();
        await world.SettleAsync();
        Assert.Single(GivenUp());

        if (isDeleted)
        {
            world.Server.Delete<Skill>(OperatorWorld.Namespace, "sum");
        }
        else
        {
            world.Learn("sum", "more");
        }

        await world.SettleAsync();
        Assert.Empty(GivenUp());
        Assert.Equal(isDeleted ? 1 : 2, world.Backbone.Status.Experts);

        IEnumerable<V1ConfigMap> GivenUp() => world.Server.All<V1ConfigMap>().Where(map => map.Metadata.Annotations?.ContainsKey(Annotations.GivenUp) == true);
    }

    [Fact]
    public async Task A_refusal_of_many_words_is_cut_to_what_a_status_takes_and_the_set_that_serves_is_written_down()
    {
        using var world = new OperatorWorld();
        await LearnReverseAsync(world);
        var active = world.Backbone.Status.ActiveRevision;
        world.Work.Trouble = request => request.Kind == JobKind.Check ? ("OutOfMemory", new string('x', 1022) + "\ud83d\ude00" + new string('x', 1024)) : null;
        world.Learn("sum");
        await world.SettleAsync();

        var refused = Assert.Single(world.Backbone.Status.Refused!);
        Assert.Equal(new string('x', 1022) + "…", refused.Message);
        Assert.Equal((active, "sum"), (world.Backbone.Status.ActiveRevision, refused.Expert));
    }

    [Fact]
    public async Task What_a_restore_wrote_into_a_status_goes_once_it_is_not_so()
    {
        using var world = new OperatorWorld();
        await LearnReverseAsync(world);
        world.Server.Foreign.UnionWith(["pendingRevision", "job", "heldBackBy"]);
        world.Server.Change<Backbone>(OperatorWorld.Namespace, "tiny", backbone => backbone.Status.PendingRevision = "sha256:of-another-time");
        world.Server.Change<Skill>(OperatorWorld.Namespace, "reverse", skill => skill.Status.Job = "of-another-time");
        await world.SettleAsync();

        Assert.Null(world.Backbone.Status.PendingRevision);
        Assert.Null(world.Skill("reverse").Status.Job);
        IsReady(world, world.Backbone.Status);
    }

    [Fact]
    public async Task A_set_that_waits_for_a_node_is_not_given_up()
    {
        using var world = new OperatorWorld();
        await LearnReverseAsync(world);
        var active = world.Backbone.Status.ActiveRevision;
        world.Server.Create(Unscheduled("tiny-router-1", "tiny", active!));
        world.Server.Create(Unscheduled("small-router-1", "small", "sha256:other"));

        // The pod of the new revision comes with the roll; what waits of the old one is no excuse.
        world.Loads = set =>
        {
            if (set.Experts.All(expert => expert.Name != "sum"))
            {
                return true;
            }

            if (world.Server.Find<V1Pod>(OperatorWorld.Namespace, "tiny-router-2") is null)
            {
                world.Server.Create(Unscheduled("tiny-router-2", "tiny", set.ComputeRevision()));
            }

            return false;
        };
        world.Learn("sum");
        await world.SettleAsync();

        var rolledOut = world.Backbone.Status.Conditions.Single(condition => condition.Type == ConditionTypes.RolledOut);
        Assert.Equal(("Unknown", Reasons.Unschedulable), (rolledOut.Status, rolledOut.Reason));
        Assert.Contains("Pod tiny-router-2: 0/3 nodes are available", rolledOut.Message, StringComparison.Ordinal);
        Assert.Equal(active, world.Backbone.Status.ActiveRevision);
        Assert.DoesNotContain(world.Server.Events, told => told.Reason == Reasons.RollOutStuck);

        world.Server.Change<V1Pod>(OperatorWorld.Namespace, "tiny-router-2", pod => pod.Status.Conditions = [new() { Type = "PodScheduled", Status = "True", LastTransitionTime = world.Clock.GetUtcNow().UtcDateTime }]);
        world.Loads = _ => true;
        await world.SettleAsync();

        Assert.NotEqual(active, world.Backbone.Status.ActiveRevision);
        IsReady(world, world.Skill("sum").Status);

        static V1Pod Unscheduled(string name, string backbone, string revision) => new()
        {
            Metadata = new()
            {
                Name = name,
                NamespaceProperty = OperatorWorld.Namespace,
                Labels = new Dictionary<string, string> { [Labels.Component] = RouterTemplate.Component, [Labels.Backbone] = backbone },
                Annotations = new Dictionary<string, string> { [Annotations.Revision] = revision },
            },
            Status = new() { Phase = "Pending", Conditions = [new() { Type = "PodScheduled", Status = "False", Reason = "Unschedulable", Message = "0/3 nodes are available" }] },
        };
    }

    [Fact]
    public async Task A_refusal_is_judged_again_once_when_somebody_asks_for_it()
    {
        using var world = new OperatorWorld();
        await LearnReverseAsync(world);
        world.Learn("harmful", "harms reverse");
        await world.SettleAsync();
        var checks = Jobs(world, JobKind.Check);

        Retry<Backbone>(world, "tiny");
        await world.SettleAsync();

        Assert.Equal(checks + 1, Jobs(world, JobKind.Check));
        Assert.Equal(Reasons.RegressionRefused, world.Skill("harmful").Status.Conditions.Find(ConditionTypes.Ready)!.Reason);
        Assert.Equal(1, world.Backbone.Status.Experts);
    }

    [Fact]
    public async Task Every_refusal_is_told_to_its_skill_though_a_status_shows_only_some()
    {
        using var world = new OperatorWorld();
        await LearnReverseAsync(world);
        var names = Enumerable.Range(1, Bounds.Refusals + 2).Select(number => $"harmful-{number}").ToList();
        names.ForEach(name => world.Learn(name, "harms reverse"));
        await world.SettleAsync();

        Assert.Equal(Bounds.Refusals, world.Backbone.Status.Refused!.Count);
        Assert.All(names, name => Assert.Equal(Reasons.RegressionRefused, world.Skill(name).Status.Conditions.Find(ConditionTypes.Ready)!.Reason));
    }

    [Theory]
    [InlineData(JobKind.FitRouter)]
    [InlineData(JobKind.Check)]
    public async Task A_bucket_that_is_away_refuses_nothing(JobKind kind)
    {
        using var world = new OperatorWorld();
        await LearnReverseAsync(world);
        world.Work.Trouble = request => request.Kind == kind ? (Reasons.EndpointUnreachable, "s3://experts: no route.") : null;
        world.Learn("sum");
        await world.SettleAsync(looksAgain: false);

        Assert.Null(world.Skill("sum").Status.Conditions.Find(ConditionTypes.Stalled));
        Assert.Null(world.Backbone.Status.Refused);

        world.Work.Trouble = _ => null;
        await world.SettleAsync();

        IsReady(world, world.Skill("sum").Status);
        IsReady(world, world.Backbone.Status);
    }

    [Fact]
    public async Task Who_wants_nothing_any_more_leaves_the_queue()
    {
        using var world = new OperatorWorld();
        world.Apply(spec => spec.Training.MaxConcurrentJobs = 1);
        await world.SettleAsync();
        world.JobsEnd = false;
        world.Learn("first");
        await world.SettleAsync();
        world.Learn("second");
        await world.SettleAsync();
        Assert.Equal(Reasons.WaitingForSlot, world.Skill("second").Status.Conditions.Find(ConditionTypes.Ready)!.Reason);

        world.Learn("second", change: spec => spec.Data = new() { ConfigMapRef = new() { Name = "missing" } });
        await world.SettleAsync();
        world.JobsEnd = true;
        world.Learn("third");
        await world.SettleAsync();

        IsReady(world, world.Skill("first").Status);
        IsReady(world, world.Skill("third").Status);
    }

    [Fact]
    public async Task A_job_whose_pod_is_gone_before_it_was_read_is_begun_again_once()
    {
        using var world = new OperatorWorld { LosesPod = (job, time) => job.Contains("train", StringComparison.Ordinal) && time == 1 };
        await LearnReverseAsync(world);

        IsReady(world, world.Skill("reverse").Status);
        Assert.Equal(2, Jobs(world, JobKind.Train));

        world.LosesPod = (job, _) => job.Contains("train", StringComparison.Ordinal);
        world.Learn("sum");
        await world.SettleAsync();

        Assert.Equal(Reasons.ExpertFailed, world.Skill("sum").Status.Conditions.Find(ConditionTypes.Ready)!.Reason);
        Assert.Equal(4, Jobs(world, JobKind.Train));
    }

    [Fact]
    public async Task The_store_is_gone_through_every_day_although_nothing_was_deleted()
    {
        using var world = new OperatorWorld();
        await LearnReverseAsync(world);
        Assert.Equal(0, Jobs(world, JobKind.Collect));

        world.Clock.Advance(TimeSpan.FromHours(24));
        await world.SettleAsync();

        Assert.Equal(1, Jobs(world, JobKind.Collect));
    }

    [Fact]
    public async Task The_router_of_a_set_that_was_refused_stays_in_the_store_as_long_as_it_may_be_tried_again()
    {
        using var world = new OperatorWorld();
        await LearnReverseAsync(world);
        world.Learn("harmful", "harms reverse");
        await world.SettleAsync();
        var refused = world.Work.Requests.Last(request => request.Kind == JobKind.Check).Check!.Candidate;
        Assert.Equal((2, 1), (refused.Experts.Count, world.Backbone.Status.Experts));

        world.Clock.Advance(TimeSpan.FromHours(24));
        await world.SettleAsync();

        Assert.Contains(refused.Router, world.Work.Requests.Last(request => request.Kind == JobKind.Collect).Collect!.Routers);
    }

    [Fact]
    public async Task What_jobs_publish_while_a_collection_waits_is_not_collected()
    {
        using var world = new OperatorWorld();
        await LearnReverseAsync(world);
        world.Learn("gone", change: spec => spec.DeletionPolicy = DeletionPolicies.Delete);
        await world.SettleAsync();
        world.JobsEnd = false;
        world.Learn("slow");
        await world.SettleAsync();
        world.Learn("slow", change: spec => spec.Suspend = true);
        await world.SettleAsync();
        var asked = world.Clock.GetUtcNow();

        world.Clock.Advance(TimeSpan.FromHours(5));
        world.JobsEnd = true;
        world.Server.Delete<Skill>(OperatorWorld.Namespace, "gone");
        await world.SettleAsync();

        var collected = world.Work.Requests.Last(request => request.Kind == JobKind.Collect).Collect!;
        Assert.InRange(collected.AsOf!.Value, DateTimeOffset.MinValue, asked);
        Assert.Equal(world.Backbone.Metadata.CreationTimestamp, collected.From!.Value.UtcDateTime);
        Assert.NotEmpty(collected.Released);
    }

    private static async Task LearnReverseAsync(OperatorWorld world)
    {
        world.Apply();
        world.Learn("reverse");
        await world.SettleAsync();
    }

    private static void Retry<T>(OperatorWorld world, string name)
        where T : class, IKubernetesObject<V1ObjectMeta>, new() =>
        world.Server.Change<T>(OperatorWorld.Namespace, name, found => found.Metadata.Annotations = new Dictionary<string, string>(found.Metadata.Annotations ?? new Dictionary<string, string>()) { [Annotations.RetryAt] = "now" });

    private static int Jobs(OperatorWorld world, JobKind kind) => world.Work.Requests.Count(request => request.Kind == kind);

    private static void IsReady(OperatorWorld world, IConditioned status) => Assert.True(status.Conditions.IsTrue(ConditionTypes.Ready), world.Story());
}
