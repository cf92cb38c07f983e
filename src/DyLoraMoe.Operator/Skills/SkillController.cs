using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Reconciling;

namespace DyLoraMoe.Operator.Skills;

/// <summary>Skills: accept, assess, choose an expert, wait until it serves.</summary>
internal sealed class SkillController(VisitTools tools, ILogger<SkillController> logger) : PhasedController<Skill, SkillStatus, SkillScope>(tools, logger)
{
    /// <inheritdoc/>
    protected override string Finalizer => Finalizers.Skill;

    /// <inheritdoc/>
    protected override IReadOnlyList<IPhase<SkillScope>> Phases { get; } =
    [
        new AcceptSkill(tools.Cluster), new AssessData(tools.Cluster, tools.Jobs), new ChooseExpert(tools.Cluster, tools.Metrics), new AwaitExpert(tools.Cluster),
    ];

    /// <inheritdoc/>
    protected override IReadOnlyList<IPhase<SkillScope>> Farewell { get; } = [new ReleaseSkill(tools.Cluster, tools.Jobs)];

    /// <inheritdoc/>
    protected override async Task<Skill> WholeAsync(Skill entity, CancellationToken cancellationToken) =>
        Trimming.IsWhole(entity) ? entity : await Tools.Cluster.ReadOneAsync<Skill>(entity.Metadata.NamespaceProperty, entity.Metadata.Name, cancellationToken) ?? entity;

    /// <inheritdoc/>
    protected override SkillScope Open(Skill entity) => new(entity);

    /// <inheritdoc/>
    protected override SkillStatus StatusOf(Skill entity) => entity.Status;

    /// <inheritdoc/>
    protected override SkillStatus Compute(SkillScope scope, Outcome outcome) => new()
    {
        Dataset = scope.Dataset,
        Novelty = scope.Novelty,
        ExpertRef = scope.Expert is { } expert ? new() { Name = expert } : null,
        ServedDataset = scope.ServedDataset,
        Job = scope.Job,
    };

    /// <inheritdoc/>
    protected override void Wrote(Skill entity, SkillStatus old, SkillStatus now)
    {
        // A status from before it named its data: those were counted then.
        var isKnown = old.ServedDataset is null && old.Conditions.IsTrue(ConditionTypes.Ready);
        if (now.ServedDataset is { } dataset && dataset != old.ServedDataset && !isKnown)
        {
            Tools.Metrics.RecordLearned(new(entity.Metadata.NamespaceProperty, entity.Spec.BackboneRef.Name));
        }
    }

    /// <inheritdoc/>
    protected override void Forget(Skill entity) =>
        Tools.Slots.Return(new(entity.Metadata.NamespaceProperty, entity.Spec.BackboneRef.Name), $"{Skill.KindName}/{entity.Metadata.Name}");
}
