using DyLoraMoe.Api;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;

namespace DyLoraMoe.Operator.Backbones;

/// <summary>Backbones: accept, prepare, see what is served, advance the set, serve it, tidy up.</summary>
internal sealed class BackboneController(VisitTools tools, ILogger<BackboneController> logger) : PhasedController<Backbone, BackboneStatus, BackboneScope>(tools, logger)
{
    /// <inheritdoc/>
    protected override string Finalizer => Finalizers.Backbone;

    /// <inheritdoc/>
    protected override IReadOnlyList<IPhase<BackboneScope>> Phases { get; } =
    [
        new AcceptBackbone(tools.Cluster),
        new EnsureAccounts(tools.Children),
        new PrepareBackbone(tools.Jobs),
        new ObserveRollout(tools.Cluster, tools.Metrics, tools.Clock),
        new AdvanceSet(tools.Cluster, tools.Jobs, tools.Metrics),
        new ServeSet(tools.Cluster, tools.Children, tools.Options),
        new CollectGarbage(tools.Cluster, tools.Jobs, tools.Options, tools.Clock),
        new ConcludeBackbone(),
    ];

    /// <inheritdoc/>
    protected override IReadOnlyList<IPhase<BackboneScope>> Farewell { get; } = [new ReleaseBackbone(tools.Cluster), new CollectReleased(tools.Cluster, tools.Jobs, tools.Clock)];

    /// <inheritdoc/>
    protected override BackboneScope Open(Backbone entity)
    {
        Tools.Metrics.Begin(ObjectKey.Of(entity));
        return new(entity);
    }

    /// <inheritdoc/>
    protected override BackboneStatus StatusOf(Backbone entity) => entity.Status;

    /// <inheritdoc/>
    protected override BackboneStatus Compute(BackboneScope scope, Outcome outcome)
    {
        (scope.Status.RunningJobs, scope.Status.WaitingJobs) = Tools.Cluster.JobsOf(scope.Backbone, Tools.Slots);
        return scope.Status;
    }

    /// <inheritdoc/>
    protected override void Forget(Backbone entity) => Tools.Slots.Return(ObjectKey.Of(entity), $"{Backbone.KindName}/{entity.Metadata.Name}");
}
