using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Operator.Tests.World;
using k8s.Models;

namespace DyLoraMoe.Operator.Tests.Skills;

public sealed class ConfigMapDataTests
{
    [Fact]
    public async Task A_key_that_is_missing_is_named_and_waited_for()
    {
        using var world = new OperatorWorld();
        world.Apply();
        world.Server.Create(new V1ConfigMap { Metadata = new() { Name = "samples", NamespaceProperty = OperatorWorld.Namespace }, Data = new Dictionary<string, string> { ["old.jsonl"] = "old" } });
        world.Learn("given", change: spec => spec.Data = new() { ConfigMapRef = new() { Name = "samples", Key = "new.jsonl" } });
        await world.SettleAsync();

        var resolved = world.Skill("given").Status.Conditions.Find(ConditionTypes.DataResolved)!;
        Assert.Equal((ConditionStatus.False, Reasons.ConfigMapNotFound), (resolved.Status, resolved.Reason));
        Assert.StartsWith("ConfigMap samples has no key new.jsonl with text; it has old.jsonl.", resolved.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(world.Work.Requests, request => request.Assess is not null);

        world.Server.Change<V1ConfigMap>(OperatorWorld.Namespace, "samples", map => map.Data = new Dictionary<string, string> { ["old.jsonl"] = "old", ["new.jsonl"] = "new" });
        await world.SettleAsync(looksAgain: false);

        Assert.True(world.Skill("given").Status.Conditions.IsTrue(ConditionTypes.Ready), world.Story());
        Assert.Equal(StubWork.DatasetOf("new"), world.Skill("given").Status.Dataset!.Digest);
    }
}
