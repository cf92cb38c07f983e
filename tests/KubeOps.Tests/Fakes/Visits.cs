using System.Collections.Concurrent;
using KubeOps.Abstractions.Reconciliation.Controller;
using Result = KubeOps.Abstractions.Reconciliation.ReconciliationResult<KubeOps.Tests.Fakes.Thing>;

namespace KubeOps.Tests.Fakes;

/// <summary>What a controller was asked, and what it is to answer.</summary>
internal sealed class Visits
{
    public ConcurrentQueue<Thing> Reconciled { get; } = new();

    public ConcurrentQueue<Thing> Deleted { get; } = new();

    public Func<Thing, CancellationToken, Task<Result>> OnReconcile { get; set; } =
        (thing, _) => Task.FromResult(Result.Success(thing));

    public int Of(string name) => Reconciled.Count(thing => thing.Metadata.Name == name);

    public bool Saw(string name, int value) =>
        Reconciled.Any(thing => thing.Metadata.Name == name && thing.Spec.Value == value);
}

/// <summary>Writes its visits down.</summary>
internal sealed class ThingController(Visits visits) : IEntityController<Thing>
{
    public Task<Result> ReconcileAsync(Thing entity, CancellationToken cancellationToken)
    {
        visits.Reconciled.Enqueue(entity);
        return visits.OnReconcile(entity, cancellationToken);
    }

    public Task<Result> DeletedAsync(Thing entity, CancellationToken cancellationToken)
    {
        visits.Deleted.Enqueue(entity);
        return Task.FromResult(Result.Success(entity));
    }
}
