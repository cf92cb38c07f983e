using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Tests.World;
using k8s.Models;

namespace DyLoraMoe.Operator.Tests.Life;

/// <summary>A Backbone that its spec holds to one set: what waits for that says so, and how to take it back.</summary>
public sealed class PinTests : IDisposable
{
    private readonly OperatorWorld _world = new();

    [Fact]
    public async Task A_revision_can_be_pinned_and_released()
    {
        var (first, _) = await LearnTwoAsync();

        await PinAsync(first);
        Assert.Equal(first, _world.Backbone.Status.ActiveRevision);
        Assert.Equal(1, _world.Backbone.Status.Experts);

        await PinAsync(null);
        Assert.Equal(2, _world.Backbone.Status.Experts);
    }

    [Fact]
    public async Task What_a_pin_keeps_out_of_the_set_names_it_and_the_way_back()
    {
        var (first, _) = await LearnTwoAsync();

        await PinAsync(first);
        _world.Learn("new");
        await _world.SettleAsync();

        foreach (var name in (string[])["sum", "new"])
        {
            IsPinned(_world.Expert(name).Status, first, ConditionTypes.Ready, ConditionTypes.Served);
            IsPinned(_world.Skill(name).Status, first, ConditionTypes.Ready);
        }

        LifeTests.IsReady(_world.Expert("reverse").Status, _world);
        LifeTests.IsReady(_world.Skill("reverse").Status, _world);

        await PinAsync(null);
        foreach (var name in (string[])["sum", "new"])
        {
            LifeTests.IsReady(_world.Expert(name).Status, _world);
            LifeTests.IsReady(_world.Skill(name).Status, _world);
        }
    }

    [Fact]
    public async Task What_a_pin_keeps_in_the_set_goes_once_it_is_taken_back()
    {
        var (_, second) = await LearnTwoAsync();

        await PinAsync(second);
        _world.Server.Delete<Skill>(OperatorWorld.Namespace, "reverse");
        await _world.SettleAsync();
        IsPinned(_world.Skill("reverse").Status, second, ConditionTypes.Ready);
        IsPinned(_world.Expert("reverse").Status, second, ConditionTypes.Ready);

        await PinAsync(null);
        Assert.Equal(["sum"], _world.Server.All<Skill>().Select(skill => skill.Metadata.Name));
        Assert.Equal(["sum"], _world.Server.All<LoraExpert>().Select(expert => expert.Metadata.Name));
    }

    [Fact]
    public async Task A_pin_to_a_set_without_it_keeps_no_expert()
    {
        var (first, _) = await LearnTwoAsync();

        await PinAsync(first);
        _world.Server.Delete<Skill>(OperatorWorld.Namespace, "sum");
        await _world.SettleAsync();

        Assert.Equal(["reverse"], _world.Server.All<LoraExpert>().Select(expert => expert.Metadata.Name));
        Assert.Equal(first, _world.Backbone.Status.ActiveRevision);
    }

    public void Dispose() => _world.Dispose();

    private static void IsPinned(IConditioned status, string revision, params string[] types) => Assert.All(types, type =>
    {
        var condition = status.Conditions.Find(type)!;
        Assert.Equal((ConditionStatus.Unknown, Reasons.RevisionPinned), (condition.Status, condition.Reason));
        Assert.EndsWith($"Backbone tiny is pinned to revision {revision}. It follows the newest again once spec.serving.revision is removed: kubectl dylora rollback tiny --follow.", condition.Message, StringComparison.Ordinal);
    });

    private async Task<(string First, string Second)> LearnTwoAsync()
    {
        _world.Apply();
        _world.Learn("reverse");
        await _world.SettleAsync();
        var first = _world.Backbone.Status.ActiveRevision!;
        _world.Learn("sum");
        await _world.SettleAsync();
        return (first, _world.Backbone.Status.ActiveRevision!);
    }

    private Task PinAsync(string? revision)
    {
        _world.Apply(spec => spec.Serving.Revision = revision);
        return _world.SettleAsync();
    }
}
