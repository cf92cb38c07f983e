using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Tests.World;
using k8s.Models;

namespace DyLoraMoe.Operator.Tests.Jobs;

public sealed class KueueTests
{
    [Fact]
    public async Task A_skill_says_in_Kueues_words_why_its_job_waits()
    {
        using var world = new OperatorWorld();
        world.Apply();
        await world.SettleAsync();
        await WaitAsync(world);
        var (reason, message) = Waits(world);
        Assert.Equal(Reasons.WaitingForQuota, reason);
        Assert.Contains("has not admitted", message, StringComparison.Ordinal);

        var job = world.Server.All<V1Job>().Single(each => each.Spec.Suspend == true);
        world.Server.Create(Workload(job, new V1Condition { Type = "QuotaReserved", Status = "False", Reason = "Pending", Message = "insufficient unused quota for nvidia.com/gpu in flavor default, 1 more needed" }));
        await world.SettleAsync();

        (reason, message) = Waits(world);
        Assert.Equal(Reasons.WaitingForQuota, reason);
        Assert.EndsWith("insufficient unused quota for nvidia.com/gpu in flavor default, 1 more needed", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_that_Kueue_stopped_is_preempted_although_the_Job_looks_as_if_it_had_never_begun()
    {
        using var world = new OperatorWorld();
        world.Apply();
        await world.SettleAsync();
        await WaitAsync(world);
        var job = world.Server.All<V1Job>().Single(each => each.Spec.Suspend == true);
        Assert.Null(job.Status?.StartTime);
        world.Server.Create(Workload(
            job,
            new V1Condition { Type = "QuotaReserved", Status = "False", Reason = "Pending", Message = "couldn't assign flavors" },
            new V1Condition { Type = "Evicted", Status = "True", Reason = "Preempted", Message = "Preempted to accommodate a workload of higher priority" }));
        await world.SettleAsync();

        var (reason, message) = Waits(world);
        Assert.Equal(Reasons.Preempted, reason);
        Assert.Contains("goes on when it is admitted again", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_more_jobs_than_may_run_at_once_wait_in_the_queue()
    {
        using var world = new OperatorWorld();
        world.Apply();
        await world.SettleAsync();
        world.Apply(spec => (spec.Training.QueueName, spec.Training.MaxConcurrentJobs) = ("research", 2));
        for (var number = 0; number < 6; number++)
        {
            world.Learn($"skill-{number}");
        }

        await world.SettleAsync();
        Assert.Equal(2, Open().Count);
        Assert.Equal((0, 4), (world.Backbone.Status.RunningJobs, world.Backbone.Status.WaitingJobs));

        // Kueue admits whatever is there until there is no more.
        while (Open() is { Count: > 0 } open)
        {
            Assert.InRange(open.Count, 1, 2);
            world.Server.Change<V1Job>(OperatorWorld.Namespace, open[0].Metadata.Name, job => job.Spec.Suspend = false);
            await world.SettleAsync();
        }

        Assert.All(world.Server.All<Api.Resources.Skill>(), skill => Assert.True(skill.Status.Conditions.IsTrue(ConditionTypes.Ready), world.Story()));

        List<V1Job> Open() => [.. world.Server.All<V1Job>().Where(job => !JobReading.IsOver(job))];
    }

    [Fact]
    public async Task Work_that_is_suspended_while_it_waits_in_the_queue_makes_way_for_others()
    {
        using var world = new OperatorWorld();
        world.Apply();
        await world.SettleAsync();
        world.Apply(spec => (spec.Training.QueueName, spec.Training.MaxConcurrentJobs) = ("research", 2));
        world.Learn("first");
        world.Learn("second");
        await world.SettleAsync();
        world.Learn("third");
        await world.SettleAsync();
        Assert.Equal(["first", "second"], Queued());

        world.Learn("first", change: spec => spec.Suspend = true);
        world.Learn("second", change: spec => spec.Suspend = true);
        await world.SettleAsync();
        Assert.Equal(["third"], Queued());

        world.Learn("first");
        await world.SettleAsync();
        Assert.Equal(["first", "third"], Queued());

        IEnumerable<string?> Queued() => world.Server.All<V1Job>().Where(job => !JobReading.IsOver(job)).Select(job => job.Tag(Labels.Skill)).Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_Job_that_Kueue_holds_back_although_it_names_no_queue_is_left_to_Kueue()
    {
        using var world = new OperatorWorld { JobsEnd = false };
        world.Apply();
        await world.SettleAsync();
        var name = Assert.Single(world.Server.All<V1Job>()).Metadata.Name;

        // As its webhook does where it is told to manage Jobs without a queue's name.
        world.Server.Change<V1Job>(OperatorWorld.Namespace, name, job => job.Spec.Suspend = true);
        await world.SettleAsync();
        Assert.True(world.Server.Find<V1Job>(OperatorWorld.Namespace, name)!.Spec.Suspend);
        var prepared = world.Backbone.Status.Conditions.Find(ConditionTypes.Prepared)!;
        Assert.Equal(Reasons.Suspended, prepared.Reason);
        Assert.Contains("not by the operator", prepared.Message, StringComparison.Ordinal);

        world.Server.Change<V1Job>(OperatorWorld.Namespace, name, job => job.Spec.Suspend = false);
        world.JobsEnd = true;
        await world.SettleAsync();
        Assert.True(world.Backbone.Status.Conditions.IsTrue(ConditionTypes.Ready), world.Story());
    }

    [Fact]
    public async Task A_Job_that_the_operator_has_suspended_itself_goes_on_when_work_may()
    {
        using var world = new OperatorWorld { JobsEnd = false };
        world.Apply();
        await world.SettleAsync();
        world.Apply(spec => spec.Suspend = true);
        await world.SettleAsync();
        var held = Assert.Single(world.Server.All<V1Job>());
        Assert.True(held.Spec.Suspend);

        world.Apply();
        await world.SettleAsync();

        var job = Assert.Single(world.Server.All<V1Job>());
        Assert.Equal((held.Metadata.Uid, false, null), (job.Metadata.Uid, job.Spec.Suspend, job.Note(JobNotes.Held)));
    }

    [Fact]
    public async Task What_waits_for_Kueue_without_a_queues_name_takes_up_a_slot_too()
    {
        using var world = new OperatorWorld();
        world.Apply(spec => spec.Training.MaxConcurrentJobs = 1);
        await world.SettleAsync();
        world.JobsEnd = false;
        world.Learn("first");
        await world.SettleAsync();
        var first = world.Server.All<V1Job>().Single(job => !JobReading.IsOver(job));
        world.Server.Change<V1Job>(OperatorWorld.Namespace, first.Metadata.Name, job => job.Spec.Suspend = true);
        world.Learn("second");
        await world.SettleAsync();

        Assert.Equal([first.Metadata.Name], world.Server.All<V1Job>().Where(job => !JobReading.IsOver(job)).Select(job => job.Metadata.Name));
    }

    [Fact]
    public void What_a_workload_says_is_why_it_has_no_quota_else_why_it_was_evicted_and_never_long()
    {
        var (quota, evicted) = (new V1Condition { Type = "QuotaReserved", Status = "False", Message = "no quota" }, new V1Condition { Type = "Evicted", Status = "True", Message = "preempted by another" });

        Assert.Equal("no quota", Workload(new(), evicted, quota).Reason());
        Assert.Equal("preempted by another", Workload(new(), evicted).Reason());
        Assert.Null(Workload(new(), new V1Condition { Type = "QuotaReserved", Status = "True", Message = "Quota reserved" }).Reason());
        Assert.Null(new KueueWorkload().Reason());
        Assert.Equal(512, Workload(new(), new V1Condition { Type = "QuotaReserved", Status = "False", Message = new string('x', 5000) }).Reason()!.Length);
    }

    /// <summary>A skill whose job waits in a queue.</summary>
    internal static async Task WaitAsync(OperatorWorld world)
    {
        world.Apply(spec => spec.Training.QueueName = "research");
        world.Learn("queued");
        await world.SettleAsync();
    }

    private static (string? Reason, string? Message) Waits(OperatorWorld world)
    {
        var condition = world.Skill("queued").Status.Conditions.Find(ConditionTypes.DataResolved);
        return (condition?.Reason, condition?.Message);
    }

    private static KueueWorkload Workload(V1Job job, params V1Condition[] conditions) => new()
    {
        Metadata = new() { Name = "job-queued", NamespaceProperty = OperatorWorld.Namespace, Labels = new Dictionary<string, string> { [KueueWorkload.JobUid] = job.Metadata?.Uid ?? "none" } },
        Status = new() { Conditions = conditions },
    };
}
