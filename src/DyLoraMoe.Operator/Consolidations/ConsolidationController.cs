using DyLoraMoe.Api;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Reconciling;

namespace DyLoraMoe.Operator.Consolidations;

/// <summary>Consolidations: accept, begin a run when one is due, train its experts one after the other, wait for the set that holds them.</summary>
internal sealed class ConsolidationController(VisitTools tools, ILogger<ConsolidationController> logger)
    : PhasedController<Consolidation, ConsolidationStatus, ConsolidationScope>(tools, logger)
{
    /// <inheritdoc/>
    protected override string Finalizer => Finalizers.Consolidation;

    /// <inheritdoc/>
    protected override IReadOnlyList<IPhase<ConsolidationScope>> Phases { get; } =
    [
        new AcceptConsolidation(tools.Cluster),
        new BeginRun(tools.Cluster, tools.Clock),
        new SettleOffers(tools.Cluster),
        new TrainExperts(tools.Cluster, tools.Jobs),
        new AwaitAdmission(),
        new EndRun(tools.Cluster, tools.Jobs, tools.Clock),
    ];

    /// <inheritdoc/>
    protected override IReadOnlyList<IPhase<ConsolidationScope>> Farewell { get; } = [new ReleaseConsolidation(tools.Cluster, tools.Jobs)];

    /// <inheritdoc/>
    protected override ConsolidationScope Open(Consolidation entity) => new(entity);

    /// <inheritdoc/>
    protected override ConsolidationStatus StatusOf(Consolidation entity) => entity.Status;

    /// <inheritdoc/>
    protected override ConsolidationStatus Compute(ConsolidationScope scope, Outcome outcome) => scope.Status;

    /// <inheritdoc/>
    protected override void Forget(Consolidation entity) =>
        Tools.Slots.Return(new(entity.Metadata.NamespaceProperty, entity.Spec.BackboneRef.Name), $"{Consolidation.KindName}/{entity.Metadata.Name}");
}
