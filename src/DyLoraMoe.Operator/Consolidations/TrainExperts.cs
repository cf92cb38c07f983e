using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Experts;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Requests;

namespace DyLoraMoe.Operator.Consolidations;

/// <summary>Trains the experts of a run, one after the other. One that fails holds the others up no longer than it takes to fail.</summary>
internal sealed class TrainExperts(ICluster cluster, JobRunner jobs) : IPhase<ConsolidationScope>
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public async Task<Outcome> RunAsync(ConsolidationScope scope, CancellationToken cancellationToken)
    {
        if (scope.OpenRun?.Experts.FirstOrDefault(expert => expert.Stage == NightStages.Pending) is { } next && await TrainAsync(scope, next, cancellationToken) is { } outcome)
        {
            return outcome;
        }

        // What came of one is written down before the next begins, which would otherwise be taken for work that nobody wants any more.
        if (scope.OpenRun is { } open && Runs.Any(open.Experts, NightStages.Pending))
        {
            scope.Find(Finding.Unknown(ConditionTypes.Consolidated, Reasons.JobRunning, $"Run {open.Number}: {open.Experts.Count(expert => expert.Stage != NightStages.Pending)} of {open.Experts.Count} experts are trained."));
            return Outcome.WaitFor(Reasons.JobRunning, "The next expert is about to be trained.", TimeSpan.FromSeconds(1));
        }

        if (scope.Status.Run is { } run)
        {
            scope.Find(Idle(scope) ?? Trained(scope, run));
        }

        return Outcome.Continue;
    }

    // When a run was due and had nobody to run for, that is newer than what the one before it came to.
    private static Finding? Idle(ConsolidationScope scope) =>
        scope is { OpenRun: null, Timetable: not null } && scope.Consolidation.Status.Conditions.Find(ConditionTypes.Consolidated) is { Reason: Reasons.NothingToConsolidate } told
            ? Finding.True(ConditionTypes.Consolidated, Reasons.NothingToConsolidate, told.Message)
            : null;

    private Finding Trained(ConsolidationScope scope, ConsolidationRun run)
    {
        var made = run.Experts.Count(expert => expert.Artifact is not null);
        var sum = made > 0 ? $"Run {run.Number}: {made} of {run.Experts.Count} experts have a new version." : $"Run {run.Number}: no expert became better; all stay as they are.";
        var failed = Runs.Messages(run.Experts, NightStages.Failed);
        if (made > 0 && failed.Length > 0)
        {
            sum += $" {failed}";
        }

        return made == 0 && failed.Length > 0 ? Finding.False(ConditionTypes.Consolidated, Reasons.JobFailed, failed)
            : run.Terms == BeginRun.TermsOf(scope.Consolidation) && Participation.NoEpisodes(scope, cluster, run.Experts) is { } leftOut ? Finding.False(ConditionTypes.Consolidated, Reasons.EpisodesNotLearnt, $"{sum} {leftOut}")
            : Finding.True(ConditionTypes.Consolidated, made > 0 ? Reasons.ConsolidationComplete : Reasons.NothingImproved, sum);
    }

    // Null when the expert is through with it.
    private async Task<Outcome?> TrainAsync(ConsolidationScope scope, ConsolidatedExpert next, CancellationToken cancellationToken)
    {
        // All experts of a run are treated alike.
        var isChanged = BeginRun.TermsOf(scope.Consolidation) != scope.OpenRun!.Terms;
        if (cluster.Find<LoraExpert>(scope.Namespace, next.Name) is not { Metadata.DeletionTimestamp: null } expert || expert.Status.Artifact?.Digest != next.From || isChanged)
        {
            await jobs.StopAsync(scope.Consolidation, JobKind.Consolidate, cancellationToken);
            scope.Change(next, next with { Stage = NightStages.Superseded, Message = isChanged ? "What the run was to do has been changed meanwhile." : "It learnt something else meanwhile, or is gone." });
            return null;
        }

        var stage = await jobs.AdvanceAsync(Plan(scope, expert, next), cancellationToken);
        switch (stage)
        {
            case JobStage.Finished finished:
                scope.Change(next, Ended(next, finished.Result, scope.Backbone.Status.Grown?.Digest));
                return null;
            case JobStage.Rejected rejected:
                scope.Change(next, next with { Stage = NightStages.Failed, Message = rejected.Message });
                return null;
            case JobStage.Running running:
                scope.Status.Job = running.Job;
                scope.Find(Finding.Unknown(ConditionTypes.Consolidated, Reasons.JobRunning, $"Expert {next.Name}: {running.Message}"));
                return Outcome.WaitFor(Reasons.JobRunning, $"Expert {next.Name}: {running.Message}", _patience);
            default:
                var (finding, outcome) = StageOutcome.Of(stage, ConditionTypes.Consolidated, Reasons.InvalidInput);
                scope.Find(finding);
                return outcome;
        }
    }

    private static ConsolidatedExpert Ended(ConsolidatedExpert expert, JobResult result, string? backbone)
    {
        if (result.Outcome != JobOutcome.Succeeded || result.Consolidate is not { } figures)
        {
            return expert with { Stage = NightStages.Failed, Message = result.Message.Length > 0 ? result.Message : result.Reason };
        }

        var after = expert with { LossBefore = RequestParts.Text(figures.LossBefore), Dreams = figures.Dreamt > 0 ? figures.Dreams : null, Recalled = figures.Episodes > 0 ? figures.Recalled : null, Message = result.Message };
        return result.Train is not { } made ? after with { Stage = NightStages.Unchanged } : after with
        {
            Stage = NightStages.Offered,
            Artifact = ExpertVersions.ArtifactOf(made, backbone),
            Mode = made.Mode,
            Rank = made.Rank,
            Evaluation = ExpertVersions.EvaluationOf(made),
        };
    }

    private JobPlan Plan(ConsolidationScope scope, LoraExpert expert, ConsolidatedExpert night) => new()
    {
        Kind = JobKind.Consolidate,
        Subject = scope.Consolidation,
        Backbone = scope.Backbone,
        Inputs = Hash.Of(JobTemplate.Text(scope.OpenRun!.Number), scope.OpenRun.Terms, night.Name, night.From),
        IsSuspended = scope.IsSuspended,
        Data = EpisodesOf(scope, expert) is null ? null : MemoryOf(scope.Backbone),
        Environment = scope.Spec.Dreams?.Judge?.ApiKeySecretRef is { } secret
            ? [new() { Name = JudgeInput.KeyVariable, ValueFrom = new() { SecretKeyRef = new() { Name = secret.Name, Key = secret.Key } } }]
            : [],
        Request = () => Request(scope, expert),
    };

    private JobRequest Request(ConsolidationScope scope, LoraExpert expert)
    {
        var (spec, status) = (scope.Spec, expert.Status);
        return RequestParts.Begin(JobKind.Consolidate, scope.Backbone, scope.ActiveSet, []) with
        {
            Consolidate = new()
            {
                From = RequestParts.InputOf(expert.Metadata.Name, status, status.MaturityPercent ?? 0),
                Skills = NightSkills.Of(cluster, expert),
                Run = scope.OpenRun!.Number,
                Consolidation = scope.Consolidation.Metadata.Uid,
                Recipe = RequestParts.Recipe(expert.Spec.Recipe, scope.Backbone.Spec.Training.Recipe) with { DriftBudget = RequestParts.Number(spec.Budget.Drift) },
                Tokens = spec.Budget.Tokens,
                Seconds = spec.Budget.Seconds,
                LeastImprovement = RequestParts.Number(spec.Gates.LeastImprovement) ?? 0,
                Dreams = spec.Dreams is { } dreams ? new(dreams.Count, dreams.Candidates, dreams.SharePercent, JudgeOf(dreams.Judge)) { Rules = [.. (dreams.Rules ?? []).Select(rule => new RuleInput(rule.Skill, rule.Pattern))] } : null,
                Episodes = EpisodesOf(scope, expert) is { } episodes ? new(RequestParts.Number(episodes.LeastScore) ?? 0, episodes.MaxEpisodes) : null,
            },
            Progress = new(scope.Namespace, expert.Metadata.Name),
        };
    }

    private static EpisodePolicy? EpisodesOf(ConsolidationScope scope, LoraExpert expert) => scope.Spec.Episodes is { } episodes && episodes.Expert == expert.Metadata.Name ? episodes : null;

    private static JobData MemoryOf(Backbone backbone)
    {
        var claim = backbone.Spec.Serving.Memory!.PersistentVolumeClaim;
        return new(null, claim.ClaimName, claim.Path ?? "");
    }

    private static JudgeInput? JudgeOf(DreamJudge? judge) => judge is null ? null : new(judge.Url, judge.Model, RequestParts.Number(judge.LeastScore) ?? 0);
}
