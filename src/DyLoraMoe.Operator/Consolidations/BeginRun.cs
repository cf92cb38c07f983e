using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using k8s;

namespace DyLoraMoe.Operator.Consolidations;

/// <summary>
/// Begins a run when one is due. At most one is under way: what comes due meanwhile, or while work is suspended, is left out, as is what is too late.
/// </summary>
internal sealed class BeginRun(ICluster cluster, TimeProvider clock) : IPhase<ConsolidationScope>
{
    private static readonly TimeSpan _deadline = TimeSpan.FromHours(1);
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public async Task<Outcome> RunAsync(ConsolidationScope scope, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        scope.Status.ObservedSchedule = Observed(scope, now);
        scope.Status.NextScheduleTime = scope.Timetable?.Next(now);
        if (scope.OpenRun is not null)
        {
            return Outcome.Continue;
        }

        if (scope.IsSuspended)
        {
            await MissAsync(cluster, scope, Due(scope, now), "work is suspended", cancellationToken);
            return Outcome.Finish(Reasons.Suspended, "No run begins while work is suspended by the spec.", scope.Status.NextScheduleTime);
        }

        var terms = TermsOf(scope.Consolidation);
        if (scope.Timetable is null)
        {
            // A run that is over is looked at again by the phases after this one, which say how it ended.
            return scope.Status.Run?.Terms == terms ? Outcome.Continue : await BeginAsync(scope, null, terms, now, cancellationToken);
        }

        if (Due(scope, now) is [.. var missed, var due])
        {
            await MissAsync(cluster, scope, missed, "another was due after it", cancellationToken);
            if (now - due <= Deadline(scope))
            {
                return await BeginAsync(scope, due, terms, now, cancellationToken);
            }

            await MissAsync(cluster, scope, [due], "the operator came too late", cancellationToken);
        }

        return scope.Status.Run is null ? Rest(scope) : Outcome.Continue;
    }

    /// <summary>Says that nothing is to be done before the schedule says so.</summary>
    public static Outcome Rest(ConsolidationScope scope, string? before = null)
    {
        var next = scope.Status.NextScheduleTime is { } time ? $"The next run is due at {time:yyyy-MM-dd'T'HH:mm:ss'Z'}." : "No further run is due.";
        return Outcome.Finish(Reasons.WaitingForSchedule, before is null ? next : $"{before} {next}", scope.Status.NextScheduleTime);
    }

    /// <summary>Notes times that were due and are left out.</summary>
    public static async Task MissAsync(ICluster cluster, ConsolidationScope scope, DateTimeOffset[] times, string why, CancellationToken cancellationToken)
    {
        if (times is not [.., var last])
        {
            return;
        }

        scope.Status.LastScheduleTime = last;
        scope.Status.Missed = (scope.Status.Missed ?? 0) + times.Length;
        await cluster.RecordAsync(new(scope.Consolidation, true, Reasons.RunMissed, $"A run was due at {last:yyyy-MM-dd'T'HH:mm:ss'Z'} and is left out: {why}."), cancellationToken);
    }

    /// <summary>The times since the last one, or since the schedule was seen, that have come.</summary>
    public static DateTimeOffset[] Due(ConsolidationScope scope, DateTimeOffset now)
    {
        var (since, last) = (scope.Status.ObservedSchedule?.Since ?? now, scope.Status.LastScheduleTime);
        return [.. scope.Timetable?.Between(last > since ? last.Value : since, now) ?? []];
    }

    // Another schedule says nothing of what came before it was seen. The first one of all begins with its resource, unless the API server's clock is ahead.
    private static ObservedSchedule? Observed(ConsolidationScope scope, DateTimeOffset now)
    {
        var (spec, status) = (scope.Spec, scope.Consolidation.Status);
        if (spec.Schedule is not { } schedule)
        {
            return null;
        }

        if (status.ObservedSchedule is { } seen && seen.Schedule == schedule && seen.TimeZone == spec.TimeZone)
        {
            return seen;
        }

        DateTimeOffset? since = status switch
        {
            { ObservedGeneration: < 0 } => scope.Consolidation.Metadata.CreationTimestamp,

            // What an operator that did not keep the schedule has announced.
            { ObservedSchedule: null } => status.NextScheduleTime?.AddSeconds(-1),
            _ => null,
        };
        return new() { Schedule = schedule, TimeZone = spec.TimeZone, Since = (since < now ? since.Value : now).InSeconds() };
    }

    private async Task<Outcome> BeginAsync(ConsolidationScope scope, DateTimeOffset? due, string terms, DateTimeOffset now, CancellationToken cancellationToken)
    {
        scope.Status.LastScheduleTime = due ?? scope.Status.LastScheduleTime;
        IList<ConsolidatedExpert> experts = [.. Participation.In(scope, cluster).Select(expert => new ConsolidatedExpert { Name = expert.Metadata.Name, From = expert.Status.Artifact!.Digest! })];
        if (experts.Count == 0)
        {
            string?[] parts = [Participation.Nobody(scope, cluster), Participation.NoEpisodes(scope, cluster, experts)];
            var message = string.Join(' ', parts.OfType<string>());
            scope.Find(Finding.True(ConditionTypes.Consolidated, Reasons.NothingToConsolidate, message));
            await MissAsync(cluster, scope, due is { } time ? [time] : [], char.ToLowerInvariant(message[0]) + message[1..].TrimEnd('.'), cancellationToken);
            return due is null ? Outcome.WaitFor(Reasons.NothingToConsolidate, message, _patience) : Rest(scope, message);
        }

        if (scope.Status.Run is { } past)
        {
            IEnumerable<PastRun> history = [PastOf(past), .. scope.Status.History ?? []];
            scope.Status.History = [.. history.Take(scope.Spec.HistoryLimit)];
        }

        scope.Status.Run = new()
        {
            Number = (scope.Status.Run?.Number ?? 0) + 1,
            ScheduledTime = due,
            StartTime = now.InSeconds(),
            Terms = terms,
            Experts = experts,
            Progress = Runs.Progress(experts),
        };
        return Outcome.Continue;
    }

    private static PastRun PastOf(ConsolidationRun run) =>
        new() { Number = run.Number, StartTime = run.StartTime, CompletionTime = run.CompletionTime ?? run.StartTime, Outcome = run.Outcome, Message = Runs.Tally(run.Experts) };

    private static TimeSpan Deadline(ConsolidationScope scope) => scope.Spec.StartingDeadlineSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : _deadline;

    /// <summary>What a run is to do: what only says whether and when is not part of it.</summary>
    public static string TermsOf(Consolidation consolidation) => Hash.Of(
        KubernetesJson.Serialize(consolidation.Spec with { Schedule = null, TimeZone = null, StartingDeadlineSeconds = null, Suspend = false, HistoryLimit = 0 }),
        consolidation.Note(Annotations.RetryAt));
}
