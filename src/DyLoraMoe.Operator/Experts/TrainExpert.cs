using System.Text.Json.Nodes;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Requests;
using k8s.Models;

namespace DyLoraMoe.Operator.Experts;

/// <summary>Teaches the expert what its skills have and it has not: it is seeded by the first training, consolidated by those after it.</summary>
internal sealed class TrainExpert(JobRunner jobs, ICluster cluster, TimeProvider clock) : IPhase<ExpertScope>
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public async Task<Outcome> RunAsync(ExpertScope scope, CancellationToken cancellationToken)
    {
        // What comes while a training runs is learnt by the next one; a training that has ended may be found with that.
        for (var round = 0; round < 2; round++)
        {
            var footing = Footing.Of(scope, cluster);
            var lesson = LessonOf(scope, footing);
            if (lesson.Learn.Count == 0)
            {
                break;
            }

            if (await TrainAsync(scope, footing, lesson, cancellationToken) is { } outcome)
            {
                return outcome;
            }
        }

        if (scope.Status.Artifact is null)
        {
            return Outcome.WaitFor(Reasons.Pending, "No skill has data for it yet.", _patience);
        }

        if (LessonOf(scope, Footing.Of(scope, cluster)).Learn.Count > 0)
        {
            return Outcome.WaitFor(Reasons.Consolidating, "More data are there to learn.", TimeSpan.FromSeconds(1));
        }

        await jobs.StopAsync(scope.Expert, JobKind.Train, cancellationToken);
        if (scope.Expert.Spec.Source is null)
        {
            await jobs.TidyAsync(scope.Expert, request => !IsApplied(scope, request), scope.Backbone.Spec.Training.TtlSecondsAfterFinished, cancellationToken);
            scope.Find(Finding.True(ConditionTypes.Trained, Reasons.TrainingComplete, $"Version {scope.Status.Artifact.Version} has learnt {scope.Status.TrainedOn?.Count ?? 0} skills."));
        }

        return Outcome.Continue;
    }

    private async Task<Outcome?> TrainAsync(ExpertScope scope, Footing footing, Lesson lesson, CancellationToken cancellationToken)
    {
        // One that begins on a backbone is another work than the same on what that grows into.
        var from = footing.From?.Digest ?? scope.Backbone.Status.Grown?.Digest ?? "";
        var recipe = RequestParts.RecipeOf(scope.Expert, scope.Backbone);
        var stage = await jobs.AdvanceAsync(
            new()
            {
                Kind = JobKind.Train,
                Subject = scope.Expert,
                Backbone = scope.Backbone,
                Inputs = Hash.Of(from, LearnList.Format(lesson.LearnList), RequestParts.DigestOf(recipe)),
                Notes = new Dictionary<string, string>
                {
                    [JobNotes.From] = from,
                    [JobNotes.Learn] = LearnList.Format(lesson.LearnList),
                    [JobNotes.Keep] = LearnList.Format(lesson.KeepList),
                    [JobNotes.Recipe] = RequestParts.DigestOf(recipe),
                },
                Adopts = request => IsPartOf(scope, request, from, lesson),
                IsSuspended = scope.IsSuspended,
                Request = () => Request(scope, footing, lesson, recipe),
            },
            cancellationToken);
        if (stage is JobStage.Finished { IsSuccess: true } finished)
        {
            await ApplyAsync(scope, finished, footing.From is null ? ExpertVersions.Seeded : ExpertVersions.Consolidated, cancellationToken);
            return null;
        }

        var (finding, outcome) = StageOutcome.Of(stage, ConditionTypes.Trained, Reasons.InvalidInput);
        if (stage is JobStage.Running running)
        {
            Follow(scope, running);
            finding = Finding.Unknown(ConditionTypes.Trained, scope.Status.Stage == ExpertStages.Consolidating ? Reasons.Consolidating : Reasons.Seeding, running.Message);
            outcome = Outcome.WaitFor(finding.Reason, finding.Message, _patience);
        }

        scope.Find(finding);
        return outcome;
    }

    private async Task ApplyAsync(ExpertScope scope, JobStage.Finished finished, string reason, CancellationToken cancellationToken)
    {
        var result = finished.Result.Train!;
        IReadOnlyList<TrainedSkill> learned =
        [
            .. LearnList.Parse(finished.Request.Note(JobNotes.Learn)).Concat(LearnList.Parse(finished.Request.Note(JobNotes.Keep))).OrderBy(each => each.Skill, StringComparer.Ordinal),
        ];

        // Before the status says that it is done: what fails here is done again only until then.
        var spent = GpuCost.Parse(scope.Expert.Note(OwnNotes.GpuSeconds));
        if (result.GpuSeconds > 0 && spent.Version < result.Version)
        {
            var notes = new JsonObject { [OwnNotes.GpuSeconds] = new GpuCost(result.Version, spent.Seconds + result.GpuSeconds).ToString() };
            await cluster.MergeAsync(scope.Expert, new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = notes } }, cancellationToken);
        }

        scope.Status = ExpertVersions.With(scope.Status, result, scope.Backbone.Status.Grown?.Digest, learned, reason, finished.Request.Note(JobNotes.Recipe), clock.GetUtcNow());
    }

    private static void Follow(ExpertScope scope, JobStage.Running running)
    {
        if (scope.Expert.Status.Job != running.Job)
        {
            scope.Status.Attempts = (scope.Status.Attempts ?? 0) + 1;
        }

        scope.Status.Job = running.Job;
        scope.Status.Stage = scope.Status.Artifact is not null ? ExpertStages.Consolidating
            : scope.Expert.Status.Progress?.Phase is ExpertStages.Seeding or ExpertStages.Consolidating ? scope.Expert.Status.Progress.Phase
            : ExpertStages.Nascent;
    }

    // Nothing that others do meanwhile is part of it, so that what is tried again goes on from its checkpoint; but who shares its data may hold less of them out.
    private JobRequest Request(ExpertScope scope, Footing footing, Lesson lesson, RecipeInput recipe)
    {
        var expert = scope.Expert;
        var skill = expert.Spec.SkillRef is { } reference ? cluster.Find<Skill>(scope.Namespace, reference.Name) : null;
        var datasets = lesson.LearnList.Concat(lesson.KeepList).Select(each => each.Dataset).ToHashSet(StringComparer.Ordinal);
        var sharing = RequestParts.Skills(cluster, scope.Backbone, name => scope.ActiveSet?.Find(name) is not null && name != scope.Name).Where(other => datasets.Contains(other.Dataset));
        return RequestParts.Begin(JobKind.Train, scope.Backbone, active: null, [.. sharing]) with
        {
            Train = new()
            {
                Expert = scope.Name,
                From = footing.From,
                Version = footing.Version,
                StartFrom = footing.From is null ? StartOf(scope, lesson) : null,
                Learn = [.. lesson.Learn.Select(RequestParts.InputOf)],
                Keep = [.. lesson.Keep.Select(RequestParts.InputOf)],
                Lora = RequestParts.Shape(scope.Backbone.Spec.Lora, skill?.Spec.Training.Lora, expert.Spec),
                Recipe = recipe,
            },
            Progress = new(scope.Namespace, scope.Name),
        };
    }

    // An expert that left the set since the data were judged is none to start from.
    private ExpertInput? StartOf(ExpertScope scope, Lesson lesson) => lesson.Learn
        .Select(skill => skill.Status.Novelty?.StartFrom)
        .Where(name => name is not null && name != scope.Name && scope.ActiveSet?.Find(name) is not null)
        .Select(name => cluster.Find<LoraExpert>(scope.Namespace, name!) is { Status: { Artifact.Digest: not null } status } ? RequestParts.InputOf(name!, status, maturityPercent: 0) : null)
        .FirstOrDefault(start => start is not null);

    // A training that has begun is not thrown away because there is more to learn by now, or another way; one that failed is, unless it would be the same again.
    private static bool IsPartOf(ExpertScope scope, V1ConfigMap request, string from, Lesson lesson)
    {
        var learns = LearnList.Parse(request.Note(JobNotes.Learn));
        return (request.Note(JobNotes.From) ?? "") == from
            && learns.Count > 0
            && learns.All(lesson.LearnList.Contains)
            && (RequestStore.ResultOf(request) is not { } result || (result.Outcome == JobOutcome.Succeeded && !IsVersion(scope, result)));
    }

    private static bool IsVersion(ExpertScope scope, JobResult result) => scope.Expert.Status.History?.Any(entry => entry.Digest == result.Train?.Expert) == true;

    private static bool IsApplied(ExpertScope scope, V1ConfigMap request) =>
        RequestStore.ResultOf(request) is { Outcome: JobOutcome.Succeeded } result
            ? IsVersion(scope, result)
            : !LearnList.Parse(request.Note(JobNotes.Learn)).Any(each => SkillStillWants(scope, each));

    private static bool SkillStillWants(ExpertScope scope, TrainedSkill each) => scope.Status.TrainedOn?.Contains(each) == false;

    private Lesson LessonOf(ExpertScope scope, Footing footing) => Lesson.Of(footing.Known, SkillsOf(scope), RequestParts.ContextOf(scope.Backbone));

    private IReadOnlyList<Skill> SkillsOf(ExpertScope scope) =>
    [
        .. cluster.List<Skill>(scope.Namespace).Where(skill =>
            skill.Status.ExpertRef?.Name == scope.Name
            && skill.Spec.BackboneRef.Name == scope.Backbone.Metadata.Name
            && skill.Metadata.DeletionTimestamp is null
            && skill.Status.Dataset?.Digest is not null
            && skill.Status.Novelty?.Decision is NoveltyDecisions.Novel or NoveltyDecisions.Extends),
    ];
}
