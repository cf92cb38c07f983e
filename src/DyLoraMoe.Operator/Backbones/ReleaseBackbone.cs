using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Reconciling;

namespace DyLoraMoe.Operator.Backbones;

/// <summary>Holds a Backbone until its skills and experts are gone.</summary>
internal sealed class ReleaseBackbone(ICluster cluster) : IPhase<BackboneScope>
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public Task<Outcome> RunAsync(BackboneScope scope, CancellationToken cancellationToken)
    {
        var skills = cluster.List<Skill>(scope.Namespace).Count(skill => skill.Spec.BackboneRef.Name == scope.Name);
        var experts = cluster.List<LoraExpert>(scope.Namespace).Count(expert => expert.Spec.BackboneRef.Name == scope.Name);
        return Task.FromResult(skills + experts == 0
            ? Outcome.Continue
            : Outcome.WaitFor(Reasons.Terminating, $"{skills} Skills and {experts} LoraExperts refer to it; they have to be deleted first.", _patience));
    }
}
