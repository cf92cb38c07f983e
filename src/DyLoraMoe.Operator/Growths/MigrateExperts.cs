using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Experts;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Requests;

namespace DyLoraMoe.Operator.Growths;

/// <summary>Has the experts of the active set carried over, one after the other. One that changes meanwhile is carried over anew.</summary>
internal sealed class MigrateExperts(JobRunner jobs, ICluster cluster) : IPhase<GrowthScope>
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public async Task<Outcome> RunAsync(GrowthScope scope, CancellationToken cancellationToken)
    {
        if (scope.Status.AdoptionTime is not null || scope.Refusal(cluster) is not null)
        {
            return Outcome.Continue;
        }

        var known = scope.Status.Experts ?? [];
        Change(scope, [.. scope.ActiveSet.Set.Experts.Select(member => known.FirstOrDefault(each => each.Name == member.Name && each.From == member.Digest) ?? new() { Name = member.Name, From = member.Digest })]);
        var next = scope.Status.Experts!.FirstOrDefault(expert => expert.Artifact is null);
        return next is null ? Outcome.Continue : await MigrateAsync(scope, next, cancellationToken);
    }

    private static void Change(GrowthScope scope, IList<MigratedExpert> experts)
    {
        scope.Status.Experts = experts;
        scope.Status.Migrated = $"{experts.Count(expert => expert.Artifact is not null)}/{experts.Count}";
    }

    private async Task<Outcome> MigrateAsync(GrowthScope scope, MigratedExpert next, CancellationToken cancellationToken)
    {
        var stage = await jobs.AdvanceAsync(Plan(scope, next), cancellationToken);
        switch (stage)
        {
            case JobStage.Finished { IsSuccess: true, Result.Train: { } made }:
                // What came of one is written down before the next begins, which would otherwise be taken for work that nobody wants any more.
                Change(scope, [.. scope.Status.Experts!.Select(expert => expert == next ? Carried(scope, next, made) : expert)]);
                scope.Find(Finding.Unknown(ConditionTypes.Validated, Reasons.MigratingExperts, $"{scope.Status.Migrated} experts are carried over."));
                return Outcome.WaitFor(Reasons.MigratingExperts, $"{scope.Status.Migrated} experts are carried over.", TimeSpan.FromSeconds(1));
            case JobStage.Finished finished:
                var message = $"Expert {next.Name}: {(finished.Result.Message.Length > 0 ? finished.Result.Message : finished.Result.Reason)}";
                Change(scope, [.. scope.Status.Experts!.Select(expert => expert == next ? next with { Message = message } : expert)]);
                scope.Find(Finding.False(ConditionTypes.Validated, Reasons.MigrationFailed, message));
                return Outcome.Stop(Reasons.MigrationFailed, message);
            case JobStage.Running running:
                scope.Status.Job = running.Job;
                scope.Find(Finding.Unknown(ConditionTypes.Validated, Reasons.MigratingExperts, $"Expert {next.Name}: {running.Message}"));
                return Outcome.WaitFor(Reasons.MigratingExperts, $"{scope.Status.Migrated} experts are carried over; {next.Name}: {running.Message}", _patience);
            default:
                var (finding, outcome) = StageOutcome.Of(stage, ConditionTypes.Validated, Reasons.InvalidInput);
                scope.Find(finding);
                return outcome;
        }
    }

    private static MigratedExpert Carried(GrowthScope scope, MigratedExpert expert, TrainResult made) => expert with
    {
        Artifact = ExpertVersions.ArtifactOf(made, scope.Status.Backbone!.Digest),
        Mode = made.Mode,
        Rank = made.Rank,
        Evaluation = ExpertVersions.EvaluationOf(made),
        Message = null,
    };

    private JobPlan Plan(GrowthScope scope, MigratedExpert expert) => new()
    {
        Kind = JobKind.Migrate,
        Subject = scope.Growth,
        Backbone = scope.Backbone,
        Inputs = Hash.Of(scope.Status.Terms, scope.Status.Backbone!.Artifact, expert.Name, expert.From),
        IsSuspended = scope.IsSuspended,
        Request = () => Request(scope, expert),
    };

    private JobRequest Request(GrowthScope scope, MigratedExpert expert)
    {
        var (before, from) = (scope.ActiveSet.Set.Backbone, scope.ActiveSet.InputOf(scope.ActiveSet.Find(expert.Name)!));
        return RequestParts.Begin(JobKind.Migrate, scope.Backbone, null, []) with
        {
            Backbone = before with { Digest = scope.Status.Backbone!.Digest, Artifact = scope.Status.Backbone.Artifact },
            Migrate = new(from, before, RequestParts.Skills(cluster, scope.Backbone, name => name == expert.Name)),
        };
    }
}
