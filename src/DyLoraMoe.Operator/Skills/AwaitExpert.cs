using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Experts;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;

namespace DyLoraMoe.Operator.Skills;

/// <summary>Waits until the set that is served holds what the skill is about.</summary>
internal sealed class AwaitExpert(ICluster cluster) : IPhase<SkillScope>
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public Task<Outcome> RunAsync(SkillScope scope, CancellationToken cancellationToken) => Task.FromResult(Decide(scope));

    private Outcome Decide(SkillScope scope)
    {
        var (name, dataset) = (scope.Expert!, scope.Dataset!.Digest!);
        var isCovered = scope.Novelty!.Decision == NoveltyDecisions.Covered;
        if (cluster.Find<LoraExpert>(scope.Namespace, name) is not { } expert)
        {
            return Outcome.WaitFor(Reasons.ExpertNotFound, $"LoraExpert {name} does not exist.", _patience);
        }

        if (expert.Spec.BackboneRef.Name != scope.Backbone.Metadata.Name)
        {
            return Outcome.Stop(Reasons.BackboneMismatch, $"LoraExpert {name} belongs to Backbone {expert.Spec.BackboneRef.Name}.");
        }

        if (scope.ActiveSet is { } active && (isCovered ? active.Find(name) is not null : active.Serves(name, scope.Name, dataset)))
        {
            scope.ServedDataset = dataset;
            return Outcome.Finish(Reasons.Serving, $"Expert {name} serves it.");
        }

        var hasLearnt = isCovered || expert.Status.TrainedOn?.Any(each => each.Skill == scope.Name && each.Dataset == dataset) == true;
        if (hasLearnt && expert.Status.Conditions.Find(ConditionTypes.Ready) is { Status: ConditionStatus.False } ready)
        {
            return Outcome.Stop(ready.Reason, $"Expert {name}: {ready.Message}");
        }

        return hasLearnt || FailureOf(expert, scope.Name, dataset) is not { } failure
            ? Outcome.WaitFor(Reasons.ExpertNotReady, Progress(expert), _patience)
            : Outcome.Stop(Reasons.ExpertFailed, $"Expert {name}: {failure.Reason}: {failure.Message}");
    }

    // A failure that is about these data, not one that an older state of the expert left.
    private JobResult? FailureOf(LoraExpert expert, string skill, string dataset) =>
        cluster.RequestsOf(expert, JobKind.Train)
            .Where(request => LearnList.Parse(request.Note(JobNotes.Learn)).Any(each => each.Skill == skill && each.Dataset == dataset) && request.Note(JobNotes.RetryAt) == expert.Note(JobNotes.RetryAt))
            .Select(RequestStore.ResultOf)
            .FirstOrDefault(result => result is not null && result.Outcome != JobOutcome.Succeeded);

    private static string Progress(LoraExpert expert) =>
        expert.Status.Conditions.Find(ConditionTypes.Ready) is { Message.Length: > 0 } ready ? $"Expert {expert.Metadata.Name}: {ready.Message}" : $"Expert {expert.Metadata.Name} is not ready yet.";
}
