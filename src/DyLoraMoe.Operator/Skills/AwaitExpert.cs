using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Experts;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Requests;

namespace DyLoraMoe.Operator.Skills;

/// <summary>Waits until the set that is served holds what the skill is about.</summary>
internal sealed class AwaitExpert(ICluster cluster) : IPhase<SkillScope>
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public Task<Outcome> RunAsync(SkillScope scope, CancellationToken cancellationToken) => Task.FromResult(Decide(scope));

    private Outcome Decide(SkillScope scope)
    {
        var (name, dataset) = (scope.Expert!, scope.Dataset!);
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
            scope.ServedDataset = dataset.Digest;
            return Outcome.Finish(Reasons.Serving, $"Expert {name} serves it.");
        }

        var hasLearnt = isCovered || Lesson.Knows(expert.Status.TrainedOn, scope.Name, dataset);
        if (hasLearnt && expert.Status.Conditions.Find(ConditionTypes.Ready) is { Status: ConditionStatus.False } ready)
        {
            return Outcome.Stop(ready.Reason, $"Expert {name}: {ready.Message}");
        }

        return hasLearnt || FailureOf(scope, expert) is not { } failure
            ? Await(expert)
            : Outcome.Stop(Reasons.ExpertFailed, $"Expert {name}: {failure.Reason}: {failure.Message}");
    }

    // A failure that is about these data and the recipe, not one that an older state of the expert left.
    private JobResult? FailureOf(SkillScope scope, LoraExpert expert)
    {
        var recipe = RequestParts.DigestOf(RequestParts.RecipeOf(expert, scope.Backbone));
        return cluster.RequestsOf(expert, JobKind.Train)
            .Where(request => Lesson.Knows(LearnList.Parse(request.Note(JobNotes.Learn)), scope.Name, scope.Dataset!))
            .Where(request => request.Note(JobNotes.RetryAt) == expert.Note(JobNotes.RetryAt) && (request.Note(JobNotes.Recipe) ?? recipe) == recipe)
            .Select(RequestStore.ResultOf)
            .FirstOrDefault(result => result is not null && result.Outcome != JobOutcome.Succeeded);
    }

    // Of what the expert waits for, a pin alone does not pass by itself.
    private static Outcome Await(LoraExpert expert)
    {
        var ready = expert.Status.Conditions.Find(ConditionTypes.Ready);
        var message = ready is { Message.Length: > 0 } ? $"Expert {expert.Metadata.Name}: {ready.Message}" : $"Expert {expert.Metadata.Name} is not ready yet.";
        return Outcome.WaitFor(ready?.Reason == Reasons.RevisionPinned ? Reasons.RevisionPinned : Reasons.ExpertNotReady, message, _patience);
    }
}
