using DyLoraMoe.Api;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Reconciling;

namespace DyLoraMoe.Operator.Experts;

/// <summary>Experts: accept, take over what a night made, follow the backbone, take in or train, weigh, wait until the set holds them.</summary>
internal sealed class ExpertController(VisitTools tools, ILogger<ExpertController> logger) : PhasedController<LoraExpert, LoraExpertStatus, ExpertScope>(tools, logger)
{
    /// <inheritdoc/>
    protected override string Finalizer => Finalizers.Expert;

    /// <inheritdoc/>
    protected override IReadOnlyList<IPhase<ExpertScope>> Phases { get; } =
    [
        new AcceptExpert(tools.Cluster), new AdoptNight(tools.Cluster, tools.Clock), new FollowBackbone(tools.Cluster, tools.Clock), new ImportAdapter(tools.Jobs, tools.Cluster, tools.Clock), new TrainExpert(tools.Jobs, tools.Cluster, tools.Clock), new AwaitSet(tools.Cluster),
    ];

    /// <inheritdoc/>
    protected override IReadOnlyList<IPhase<ExpertScope>> Farewell { get; } = [new LeaveSet(tools.Cluster, tools.Jobs)];

    /// <inheritdoc/>
    protected override ExpertScope Open(LoraExpert entity) => new(entity);

    /// <inheritdoc/>
    protected override LoraExpertStatus StatusOf(LoraExpert entity) => entity.Status;

    /// <inheritdoc/>
    protected override LoraExpertStatus Compute(ExpertScope scope, Outcome outcome) =>
        scope.Status with { TrafficSharePercent = Tools.Traffic.Next(scope.Expert, scope.Status) };

    /// <inheritdoc/>
    protected override void Forget(LoraExpert entity) =>
        Tools.Slots.Return(new(entity.Metadata.NamespaceProperty, entity.Spec.BackboneRef.Name), $"{LoraExpert.KindName}/{entity.Metadata.Name}");
}
