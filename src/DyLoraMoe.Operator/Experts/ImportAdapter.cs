using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Requests;
using k8s.Models;

namespace DyLoraMoe.Operator.Experts;

/// <summary>
/// Takes in an adapter that was trained elsewhere, once for each version of its source. One that is not taken in yet is checked against the backbone that is served;
/// one that is stays so whatever that becomes.
/// </summary>
internal sealed class ImportAdapter(JobRunner jobs, ICluster cluster, TimeProvider clock) : IPhase<ExpertScope>
{
    /// <inheritdoc/>
    public async Task<Outcome> RunAsync(ExpertScope scope, CancellationToken cancellationToken)
    {
        if (scope.Expert.Spec.Source is not { } source)
        {
            return Outcome.Continue;
        }

        var expert = scope.Expert;
        var inputs = TakenIn(cluster, scope, source)?.Note(Annotations.InputHash)
            ?? (scope.Backbone.Status.Grown is { Digest: var grown } ? Hash.Of(InputsOf(source), grown) : InputsOf(source));
        var stage = await jobs.AdvanceAsync(
            new()
            {
                Kind = JobKind.Import,
                Subject = expert,
                Backbone = scope.Backbone,
                Inputs = inputs,
                Notes = new Dictionary<string, string> { [JobNotes.Source] = InputsOf(source) },
                Data = new(null, source.PersistentVolumeClaim?.ClaimName, source.PersistentVolumeClaim?.Path ?? "") { S3 = source.S3 },
                IsSuspended = scope.IsSuspended,
                Request = () => RequestParts.Begin(JobKind.Import, scope.Backbone, scope.ActiveSet, []) with
                {
                    Import = new(scope.Name, (scope.Status.Artifact?.Version ?? 0) + 1) { Skills = [.. SkillsOf(scope)] },
                    Progress = new(scope.Namespace, scope.Name),
                },
            },
            cancellationToken);
        await jobs.TidyAsync(expert, request => IsNeeded(request, inputs), scope.Backbone.Spec.Training.TtlSecondsAfterFinished, cancellationToken);
        if (stage is not JobStage.Finished { IsSuccess: true } finished)
        {
            var (finding, outcome) = StageOutcome.Of(stage, ConditionTypes.Trained, Reasons.AdapterInvalid);
            scope.Find(finding);
            scope.Status.Job = (stage as JobStage.Running)?.Job;
            return outcome;
        }

        var result = finished.Result.Train!;
        if (!IsApplied(scope.Status, result))
        {
            scope.Status = ExpertVersions.With(scope.Status, result, scope.Backbone.Status.Grown?.Digest, [], ExpertVersions.Imported, recipe: null, clock.GetUtcNow());
        }

        scope.Status.Imported = result.Expert;
        scope.Find(Finding.True(ConditionTypes.Trained, Reasons.Imported, $"The adapter was checked and taken in as {result.Expert}."));
        return Outcome.Continue;
    }

    /// <summary>The request by which an expert has what its source holds; null where that was not taken in yet.</summary>
    public static V1ConfigMap? TakenIn(ICluster cluster, ExpertScope scope, ExpertSource source) =>
        cluster.RequestsOf(scope.Expert, JobKind.Import).FirstOrDefault(request => (request.Note(JobNotes.Source) ?? request.Note(Annotations.InputHash)) == InputsOf(source) && RequestStore.ResultOf(request)?.Train is { } result && IsApplied(scope.Status, result));

    // Hash of what is taken in.
    private static string InputsOf(ExpertSource source) => Hash.Of([source.PersistentVolumeClaim?.ClaimName, source.PersistentVolumeClaim?.Path, source.Version, .. Buckets.Identity(source.S3)]);

    // A status from before it named what was imported tells by its history, which begins with a later version once that has left it.
    private static bool IsApplied(LoraExpertStatus status, TrainResult result) =>
        status.Imported is { } imported
            ? imported == result.Expert
            : status.History is { Count: > 0 } history && (history.Any(entry => entry.Digest == result.Expert) || result.Version < history.Min(entry => entry.Version));

    // The only place that says that this version of the source was taken in.
    private static bool IsNeeded(V1ConfigMap request, string inputs) =>
        request.Tag(Labels.JobKind) == nameof(JobKind.Import) ? request.Note(Annotations.InputHash) == inputs : RequestStore.ResultOf(request)?.Outcome != JobOutcome.Succeeded;

    private IEnumerable<SkillInput> SkillsOf(ExpertScope scope) => RequestParts.Skills(cluster, scope.Backbone, expert => expert == scope.Name);
}
