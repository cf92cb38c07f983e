using DyLoraMoe.Api;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Reconciling;

namespace DyLoraMoe.Operator.Growths;

/// <summary>Growths: accept, make the larger backbone, carry the experts over, wait for the set on it.</summary>
internal sealed class GrowthController(VisitTools tools, ILogger<GrowthController> logger) : PhasedController<Growth, GrowthStatus, GrowthScope>(tools, logger)
{
    /// <inheritdoc/>
    protected override string Finalizer => Finalizers.Growth;

    /// <inheritdoc/>
    protected override IReadOnlyList<IPhase<GrowthScope>> Phases { get; } =
    [
        new AcceptGrowth(tools.Cluster, tools.Jobs, tools.Clock), new GrowBackbone(tools.Jobs, tools.Cluster), new MigrateExperts(tools.Jobs, tools.Cluster), new AwaitAdoption(tools.Cluster, tools.Jobs),
    ];

    /// <inheritdoc/>
    protected override IReadOnlyList<IPhase<GrowthScope>> Farewell { get; } = [new ReleaseGrowth(tools.Jobs)];

    /// <inheritdoc/>
    protected override GrowthScope Open(Growth entity) => new(entity);

    /// <inheritdoc/>
    protected override GrowthStatus StatusOf(Growth entity) => entity.Status;

    /// <inheritdoc/>
    protected override GrowthStatus Compute(GrowthScope scope, Outcome outcome) => scope.Status;

    /// <inheritdoc/>
    protected override void Forget(Growth entity) =>
        Tools.Slots.Return(new(entity.Metadata.NamespaceProperty, entity.Spec.BackboneRef.Name), $"{Growth.KindName}/{entity.Metadata.Name}");
}
