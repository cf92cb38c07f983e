using k8s.Models;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Controller;
using KubeOps.Abstractions.Reconciliation.Queue;
using KubeOps.Tests.Fakes;

namespace KubeOps.Tests.Operator;

public sealed class ChildTests
{
    [Fact]
    public async Task A_change_of_a_child_of_a_built_in_kind_wakes_its_owner()
    {
        await using var server = await FakeApiServer.StartAsync();
        await using var @operator = await TestOperator.StartAsync(server, parts: add => add
            .AddController<ThingController, Thing>()
            .AddController<WakesOwner, V1ConfigMap>());
        await @operator.Client.CreateAsync(Thing.Named("owner"));
        await Wait.UntilAsync(() => @operator.Visits.Of("owner") == 1, "the owner's own visit");

        var child = await @operator.Client.CreateAsync(new V1ConfigMap
        {
            ApiVersion = "v1",
            Kind = "ConfigMap",
            Metadata = new V1ObjectMeta
            {
                Name = "child",
                NamespaceProperty = "default",
                Labels = new Dictionary<string, string> { ["owner"] = "owner" },
            },
            Data = new Dictionary<string, string> { ["key"] = "1" },
        });
        await Wait.UntilAsync(() => @operator.Visits.Of("owner") == 2, "the visit after the child was made");

        child.Data["key"] = "2";
        await @operator.Client.UpdateAsync(child);
        await Wait.UntilAsync(() => @operator.Visits.Of("owner") == 3, "the visit after the child changed");

        await @operator.Client.DeleteAsync(child);
        await Wait.UntilAsync(() => @operator.Visits.Of("owner") == 4, "the visit after the child was deleted");
    }

    private sealed class WakesOwner(EntityQueue<Thing> owners) : IEntityController<V1ConfigMap>
    {
        public Task<ReconciliationResult<V1ConfigMap>> ReconcileAsync(V1ConfigMap entity, CancellationToken cancellationToken) =>
            WakeAsync(entity, cancellationToken);

        public Task<ReconciliationResult<V1ConfigMap>> DeletedAsync(V1ConfigMap entity, CancellationToken cancellationToken) =>
            WakeAsync(entity, cancellationToken);

        private async Task<ReconciliationResult<V1ConfigMap>> WakeAsync(V1ConfigMap child, CancellationToken cancellationToken)
        {
            await owners(
                Thing.Named(child.Metadata.Labels["owner"], @namespace: child.Metadata.NamespaceProperty),
                ReconciliationType.Modified,
                ReconciliationTriggerSource.Operator,
                TimeSpan.Zero,
                retryCount: 0,
                cancellationToken);
            return ReconciliationResult<V1ConfigMap>.Success(child);
        }
    }
}
