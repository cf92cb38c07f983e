using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Tests.World;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Operator.Tests.Life;

/// <summary>What is deleted together with its Backbone leaves the store as it would have without.</summary>
public sealed class FarewellTests : IDisposable
{
    private OperatorWorld _world = new();

    [Fact]
    public async Task What_is_deleted_together_with_its_Backbone_is_removed_from_the_store()
    {
        await LearnAsync("sum", DeletionPolicies.Delete);
        var released = new[] { _world.Skill("sum").Status.Dataset!.Digest!, _world.Expert("sum").Status.Artifact!.Digest! };
        _world.JobsEnd = false;

        DeleteAll();
        await _world.SettleAsync(looksAgain: false);
        var ready = _world.Backbone.Status.Conditions.Find(ConditionTypes.Ready)!;
        Assert.Equal((ConditionStatus.Unknown, Reasons.Terminating), (ready.Status, ready.Reason));
        Assert.StartsWith("2 artifacts that were released are removed from the store first", ready.Message, StringComparison.Ordinal);
        Assert.Equal(0, _world.Server.Find<V1Deployment>(OperatorWorld.Namespace, "tiny-router")!.Spec.Replicas);

        _world.JobsEnd = true;
        await _world.SettleAsync(looksAgain: false);
        Assert.Empty(_world.Server.All<Backbone>());
        var collected = Assert.Single(_world.Work.Requests, request => request.Kind == JobKind.Collect).Collect!;
        Assert.Equal(released.Order(StringComparer.Ordinal), collected.Released);
        Assert.Empty(collected.Released.Intersect(collected.Datasets.Concat(collected.Experts)));
        Assert.Equal((0, null), (collected.GraceSeconds, collected.AsOf));
        Assert.Equal(_world.Clock.GetUtcNow(), collected.From!.Value, TimeSpan.FromMinutes(1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Failed_calls_crashes_and_late_caches_do_not_matter_to_that(int seed)
    {
        _world.Dispose();
        var faults = new Faults(seed, 15, Fault.Conflict, Fault.TooMany, Fault.ServerError, Fault.Timeout, Fault.CrashBefore, Fault.CrashAfter) { AreWatchesLate = true };
        _world = new(faults);
        await LearnAsync("sum", DeletionPolicies.Delete);
        var released = new[] { _world.Skill("sum").Status.Dataset!.Digest!, _world.Expert("sum").Status.Artifact!.Digest! };

        DeleteAll();
        await _world.SettleAsync();

        Assert.Empty(_world.Server.All<Backbone>());
        Assert.Subset(_world.Work.Requests.Where(request => request.Kind == JobKind.Collect).SelectMany(request => request.Collect!.Released).ToHashSet(), released.ToHashSet());
    }

    [Fact]
    public async Task What_is_retained_keeps_no_Backbone()
    {
        await LearnAsync("sum", DeletionPolicies.Retain);

        DeleteAll();
        await _world.SettleAsync(looksAgain: false);

        Assert.Empty(_world.Server.All<Backbone>());
        Assert.DoesNotContain(_world.Work.Requests, request => request.Kind == JobKind.Collect);
    }

    [Fact]
    public async Task A_Backbone_whose_store_is_gone_goes_at_once_and_says_what_stays()
    {
        await LearnAsync("sum", DeletionPolicies.Delete);
        var weights = _world.Expert("sum").Status.Artifact!.Digest!;
        _world.Server.Delete<V1PersistentVolumeClaim>(OperatorWorld.Namespace, "artifacts");

        DeleteAll();
        await _world.SettleAsync(looksAgain: false);

        Assert.Empty(_world.Server.All<Backbone>());
        Assert.Contains(_world.Server.Events, told => told.IsWarning && told.Message.Contains("PersistentVolumeClaim artifacts is gone", StringComparison.Ordinal) && told.Message.Contains(weights, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_Backbone_waits_an_hour_for_what_does_not_get_on()
    {
        await LearnAsync("sum", DeletionPolicies.Delete);
        _world.Work.Trouble = request => request.Kind == JobKind.Collect ? (Reasons.AccessDenied, "The bucket is not ours.") : null;

        DeleteAll();
        await _world.SettleAsync(looksAgain: false);
        Assert.EndsWith("The bucket is not ours.", _world.Backbone.Status.Conditions.Find(ConditionTypes.Ready)!.Message, StringComparison.Ordinal);

        await _world.SettleAsync();
        Assert.Empty(_world.Server.All<Backbone>());
        Assert.True(_world.Work.Requests.Count(request => request.Kind == JobKind.Collect) > 1);
        Assert.Contains(_world.Server.Events, told => told.IsWarning && told.Message.Contains("were not removed within an hour", StringComparison.Ordinal) && told.Message.Contains("The bucket is not ours.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_Backbone_goes_at_once_with_its_namespace()
    {
        await LearnAsync("sum", DeletionPolicies.Delete);
        _world.JobsEnd = false;
        _world.Server.Delete<Skill>(OperatorWorld.Namespace, "sum");
        await _world.SettleAsync(looksAgain: false);
        Assert.Empty(_world.Server.All<LoraExpert>());

        _world.Server.IsNamespaceLeaving = true;
        DeleteAll();
        await _world.SettleAsync(looksAgain: false);

        Assert.Empty(_world.Server.All<Backbone>());
    }

    [Fact]
    public async Task What_is_not_deleted_yet_in_a_namespace_that_is_says_nothing_of_what_cannot_be_made_there()
    {
        await LearnAsync("sum", DeletionPolicies.Retain);
        var before = _world.Backbone.Status;
        _world.Server.IsNamespaceLeaving = true;
        _world.Server.Delete<V1Deployment>(OperatorWorld.Namespace, _world.Server.All<V1Deployment>().Single().Metadata.Name);

        await _world.SettleAsync(looksAgain: false);

        Assert.Empty(_world.Server.All<V1Deployment>());
        Assert.DoesNotContain(_world.Backbone.Status.Conditions, condition => condition.Message.Contains("being deleted", StringComparison.Ordinal));
        Assert.Equal(before.Conditions.Find(ConditionTypes.Ready)!.Reason, _world.Backbone.Status.Conditions.Find(ConditionTypes.Ready)!.Reason);
    }

    [Fact]
    public async Task A_Skill_that_came_with_another_operators_finalizer_is_cleaned_up_without_waiting_for_that()
    {
        _world.Apply();
        _world.Learn("sum", change: spec => spec.DeletionPolicy = DeletionPolicies.Delete);
        _world.Server.Change<Skill>(OperatorWorld.Namespace, "sum", found => found.Metadata.Finalizers = ["else.dev/other"]);
        await _world.SettleAsync();

        _world.Server.Delete<Skill>(OperatorWorld.Namespace, "sum");
        await _world.SettleAsync(looksAgain: false);

        Assert.Equal(["else.dev/other"], _world.Skill("sum").Metadata.Finalizers);
        Assert.Empty(_world.Server.All<LoraExpert>());
    }

    public void Dispose() => _world.Dispose();

    private async Task LearnAsync(string name, string policy)
    {
        _world.Apply();
        _world.Learn(name, change: spec => spec.DeletionPolicy = policy);
        await _world.SettleAsync();
    }

    // As 'kubectl delete skills,experts,backbones --all' does: all of them are asked for before one of them is gone.
    private void DeleteAll()
    {
        Delete<Skill>();
        Delete<LoraExpert>();
        Delete<Backbone>();
    }

    private void Delete<T>()
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        foreach (var found in _world.Server.All<T>())
        {
            _world.Server.Delete<T>(OperatorWorld.Namespace, found.Metadata.Name);
        }
    }
}
