using System.Globalization;
using DyLoraMoe.Sandbox.Controllers.Machinery;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Jobs;

/// <summary>
/// The Job controller's decisions, as a pure function of the Job and its pods.
/// A pod that ended is first listed in the status as uncounted, then released from its finalizer, then counted, so that a
/// crash in between neither loses nor doubles it.
/// </summary>
internal static class JobRules
{
    public static JobDecision Decide(JobFacts facts)
    {
        var (job, pods, now, _, _) = facts;
        var status = ClusterContext.Copy(job.Status ?? new V1JobStatus());
        if (job.Metadata.DeletionTimestamp is not null || !IsOurs(job))
        {
            return new JobDecision { Status = status, Release = [.. pods.Where(IsTracked)] };
        }

        if (IsFinished(status))
        {
            return Finished(job, pods, status, now);
        }

        var account = Account.Of(job, pods, status);
        var start = StartTime(job, status, now);
        var ending = Ending(facts, status, account, start);
        return ending is { } end
            ? End(facts, status, account, start, end)
            : Manage(facts, status, account, start);
    }

    public static bool IsFinished(V1JobStatus? status) => Is(status, JobNames.Complete) || Is(status, JobNames.Failed);

    public static bool IsIndexed(V1Job job) => job.Spec.CompletionMode == "Indexed";

    private static bool IsOurs(V1Job job) => job.Spec.ManagedBy is null or "kubernetes.io/job-controller";

    private static bool IsTracked(V1Pod pod) => pod.Metadata.Finalizers?.Contains(JobNames.TrackingFinalizer) == true;

    private static bool Is(V1JobStatus? status, string type) =>
        status?.Conditions?.Any(condition => condition.Type == type && condition.Status == "True") == true;

    private static JobDecision Finished(V1Job job, IReadOnlyList<V1Pod> pods, V1JobStatus status, DateTime now)
    {
        var decision = new JobDecision { Status = status, Release = [.. pods.Where(IsTracked)] };
        if (job.Spec.TtlSecondsAfterFinished is not { } ttl)
        {
            return decision;
        }

        var finished = status.Conditions.Where(condition => condition.Type is JobNames.Complete or JobNames.Failed)
            .Max(condition => condition.LastTransitionTime) ?? now;
        var left = finished.AddSeconds(ttl) - now;
        return left <= TimeSpan.Zero ? decision with { Expired = true } : decision with { Revisit = left };
    }

    /// <summary>A Job's time runs from its first moment unsuspended; a resumed Job starts anew.</summary>
    private static DateTime? StartTime(V1Job job, V1JobStatus status, DateTime now) =>
        job.Spec.Suspend == true ? status.StartTime : Is(status, JobNames.Suspended) ? now : status.StartTime ?? now;

    private sealed record Outcome(bool Success, string Reason, string Message);

    private static Outcome? Ending(JobFacts facts, V1JobStatus status, Account account, DateTime? start)
    {
        var spec = facts.Job.Spec;
        if (status.Conditions?.FirstOrDefault(condition => condition is { Type: JobNames.FailureTarget or JobNames.SuccessCriteriaMet, Status: "True" }) is { } known)
        {
            return new Outcome(known.Type == JobNames.SuccessCriteriaMet, known.Reason, known.Message);
        }

        if (account.FailJobMessage is { } message)
        {
            return new Outcome(false, JobNames.PodFailurePolicy, message);
        }

        var limit = spec.BackoffLimit ?? 6;
        if (account.Failed > limit || RestartsExceed(spec, facts.Pods, limit))
        {
            return new Outcome(false, JobNames.BackoffLimitExceeded, "Job has reached the specified backoff limit");
        }

        if (spec.Suspend != true && spec.ActiveDeadlineSeconds is { } seconds && start is { } at && facts.Now >= at.AddSeconds(seconds))
        {
            return new Outcome(false, JobNames.DeadlineExceeded, "Job was active longer than specified deadline");
        }

        var reached = spec.Completions is { } completions
            ? account.Succeeded >= completions
            : account.Succeeded > 0 && account.Active.Count == 0;
        return reached ? new Outcome(true, JobNames.CompletionsReached, "Reached expected number of succeeded pods") : null;
    }

    /// <summary>With restartPolicy OnFailure the retries are container restarts.</summary>
    private static bool RestartsExceed(V1JobSpec spec, IReadOnlyList<V1Pod> pods, int limit)
    {
        if (spec.Template.Spec.RestartPolicy != "OnFailure")
        {
            return false;
        }

        var restarts = pods.Where(pod => pod.Status?.Phase is "Running" or "Pending").Sum(pod => pod.Restarts());
        return limit == 0 ? restarts > 0 : restarts >= limit;
    }

    private static JobDecision End(JobFacts facts, V1JobStatus status, Account account, DateTime? start, Outcome outcome)
    {
        var (job, _, now, _, _) = facts;
        var target = outcome.Success ? JobNames.SuccessCriteriaMet : JobNames.FailureTarget;
        var first = !Is(status, target);
        SetCondition(status, target, "True", outcome.Reason, outcome.Message, now);
        account = account.WithActiveAsFailed();
        account.WriteTo(status);
        status.StartTime = start;
        status.Ready = 0;
        status.Active = 0;
        status.Terminating = account.Terminating.Count;
        var events = new List<(string, string, string)>();
        if (account.IsSettled)
        {
            SetCondition(status, outcome.Success ? JobNames.Complete : JobNames.Failed, "True", outcome.Reason, outcome.Message, now);
            status.CompletionTime = outcome.Success ? now : null;
            events.Add(outcome.Success ? ("Normal", "Completed", "Job completed") : ("Warning", outcome.Reason, outcome.Message));
        }

        return new JobDecision
        {
            Status = status,
            Release = account.Release,
            Delete = account.Active,
            Events = events,
            Revisit = first && account.IsSettled && job.Spec.TtlSecondsAfterFinished is { } ttl ? TimeSpan.FromSeconds(ttl) : null,
        };
    }

    private static JobDecision Manage(JobFacts facts, V1JobStatus status, Account account, DateTime? start)
    {
        var (job, pods, now, backoff, backoffLimit) = facts;
        var decision = new JobDecision { Status = status, Release = account.Release };
        var events = new List<(string, string, string)>();
        account.WriteTo(status);
        status.StartTime = start;
        status.Active = account.Active.Count;
        status.Ready = account.Active.Count(PodFacts.IsReady);
        status.Terminating = account.Terminating.Count;
        if (job.Spec.Suspend == true)
        {
            if (!Is(status, JobNames.Suspended))
            {
                SetCondition(status, JobNames.Suspended, "True", "JobSuspended", "Job suspended", now);
                events.Add(("Normal", "Suspended", "Job suspended"));
            }

            status.Active = 0;
            status.Ready = 0;
            return decision with { Delete = account.Active, ReleaseDeleted = true, Events = events };
        }

        if (Is(status, JobNames.Suspended))
        {
            SetCondition(status, JobNames.Suspended, "False", "JobResumed", "Job resumed", now);
            events.Add(("Normal", "Resumed", "Job resumed"));
        }

        var revisit = job.Spec.ActiveDeadlineSeconds is { } seconds && start is { } at ? at.AddSeconds(seconds) - now : (TimeSpan?)null;
        var parallelism = job.Spec.Parallelism ?? 1;
        var wanted = job.Spec.Completions is { } completions
            ? Math.Min(completions - account.Succeeded, parallelism)
            : account.Succeeded > 0 ? Math.Min(account.Active.Count, parallelism) : parallelism;
        if (account.Active.Count > wanted)
        {
            var surplus = account.Active.OrderBy(PodFacts.IsReady).ThenByDescending(pod => pod.Metadata.CreationTimestamp).Take(account.Active.Count - wanted);
            return decision with { Delete = [.. surplus], ReleaseDeleted = true, Events = events, Revisit = revisit };
        }

        var missing = wanted - account.Active.Count - (account.ReplacesFailedOnly ? account.Terminating.Count : 0);
        if (missing <= 0)
        {
            return decision with { Events = events, Revisit = revisit };
        }

        if (JobBackoff.Remaining(pods, now, backoff, backoffLimit) is { Ticks: > 0 } wait)
        {
            return decision with { Events = events, Revisit = revisit is { } deadline && deadline < wait ? deadline : wait };
        }

        var indexes = IsIndexed(job) ? account.FreeIndexes(job.Spec.Completions ?? 0, missing) : [];
        var create = IsIndexed(job) ? indexes.Count : missing;
        status.Active += create;
        return decision with { Create = create, CreateIndexes = indexes, Events = events, Revisit = revisit };
    }

    private static void SetCondition(V1JobStatus status, string type, string value, string reason, string message, DateTime now)
    {
        status.Conditions ??= [];
        var known = status.Conditions.FirstOrDefault(condition => condition.Type == type);
        if (known is null)
        {
            status.Conditions.Add(known = new V1JobCondition { Type = type });
        }
        else if (known.Status == value && known.Reason == reason)
        {
            return;
        }

        if (known.Status != value)
        {
            known.LastTransitionTime = now;
        }

        known.Status = value;
        known.Reason = reason;
        known.Message = message;
        known.LastProbeTime = now;
    }

    /// <summary>Who of the pods has ended, who runs, and what of it the status already counts.</summary>
    private sealed record Account
    {
        public required int CountedSucceeded { get; init; }

        public required int CountedFailed { get; init; }

        public required List<string> UncountedSucceeded { get; init; }

        public required List<string> UncountedFailed { get; init; }

        public required IReadOnlyList<V1Pod> Active { get; init; }

        public required IReadOnlyList<V1Pod> Terminating { get; init; }

        public required List<V1Pod> Release { get; init; }

        public required SortedSet<int> DoneIndexes { get; init; }

        public required bool Indexed { get; init; }

        public required bool ReplacesFailedOnly { get; init; }

        public string? FailJobMessage { get; init; }

        public int Succeeded => Indexed ? DoneIndexes.Count : CountedSucceeded + UncountedSucceeded.Count;

        public int Failed => CountedFailed + UncountedFailed.Count;

        public bool IsSettled => Active.Count == 0 && Terminating.Count == 0 && Release.Count == 0
            && UncountedSucceeded.Count == 0 && UncountedFailed.Count == 0;

        public static Account Of(V1Job job, IReadOnlyList<V1Pod> pods, V1JobStatus status)
        {
            var indexed = IsIndexed(job);
            var failedOnly = job.Spec.PodReplacementPolicy is { } policy ? policy == "Failed" : job.Spec.PodFailurePolicy is not null;
            var tracked = pods.Where(IsTracked).ToDictionary(pod => pod.Metadata.Uid);
            var listedSucceeded = (status.UncountedTerminatedPods?.Succeeded ?? []).ToList();
            var listedFailed = (status.UncountedTerminatedPods?.Failed ?? []).ToList();
            var succeeded = status.Succeeded ?? 0;
            var failed = status.Failed ?? 0;
            var done = IndexSet.Parse(status.CompletedIndexes);
            succeeded += listedSucceeded.RemoveAll(uid => !tracked.ContainsKey(uid));
            failed += listedFailed.RemoveAll(uid => !tracked.ContainsKey(uid));

            var release = new List<V1Pod>();
            string? failJob = null;
            foreach (var pod in tracked.Values.OrderBy(pod => pod.FinishedAt()))
            {
                if (pod.IsSucceeded())
                {
                    if (indexed && IndexOf(pod) is { } index && index < job.Spec.Completions)
                    {
                        done.Add(index);
                    }

                    if (!listedFailed.Contains(pod.Metadata.Uid))
                    {
                        AddOnce(listedSucceeded, pod.Metadata.Uid);
                    }

                    release.Add(pod);
                }
                else if (pod.IsFailed() || (pod.IsTerminating() && !failedOnly))
                {
                    var (verdict, message) = pod.IsFailed()
                        ? PodFailurePolicyRules.Judge(job.Spec.PodFailurePolicy, pod)
                        : (FailureVerdict.Count, null);
                    failJob ??= verdict == FailureVerdict.FailJob ? message : null;
                    if (verdict != FailureVerdict.Ignore)
                    {
                        AddOnce(listedFailed, pod.Metadata.Uid);
                    }

                    release.Add(pod);
                }
            }

            return new Account
            {
                CountedSucceeded = succeeded,
                CountedFailed = failed,
                UncountedSucceeded = listedSucceeded,
                UncountedFailed = listedFailed,
                Active = [.. pods.Where(PodFacts.IsActive)],
                Terminating = [.. pods.Where(pod => pod.IsTerminating() && !pod.IsFinished())],
                Release = release,
                DoneIndexes = done,
                Indexed = indexed,
                ReplacesFailedOnly = failedOnly,
                FailJobMessage = failJob,
            };
        }

        /// <summary>Pods that a Job ends as it ends itself count as failed.</summary>
        public Account WithActiveAsFailed()
        {
            var listed = UncountedFailed.ToList();
            foreach (var pod in Active.Concat(Terminating).Where(IsTracked))
            {
                AddOnce(listed, pod.Metadata.Uid);
            }

            return this with { UncountedFailed = listed, Release = [.. Release.Concat(Terminating.Where(IsTracked)).DistinctBy(pod => pod.Metadata.Uid)] };
        }

        public void WriteTo(V1JobStatus status)
        {
            status.Succeeded = Indexed ? DoneIndexes.Count : CountedSucceeded > 0 ? CountedSucceeded : null;
            status.Failed = CountedFailed > 0 ? CountedFailed : null;
            status.CompletedIndexes = Indexed ? IndexSet.Text(DoneIndexes) : null;
            status.UncountedTerminatedPods = new V1UncountedTerminatedPods
            {
                Succeeded = UncountedSucceeded.Count > 0 ? [.. UncountedSucceeded] : null,
                Failed = UncountedFailed.Count > 0 ? [.. UncountedFailed] : null,
            };
        }

        public IReadOnlyList<int> FreeIndexes(int completions, int wanted)
        {
            var taken = Active.Concat(Terminating).Select(IndexOf).OfType<int>().Concat(DoneIndexes).ToHashSet();
            return [.. Enumerable.Range(0, completions).Where(index => !taken.Contains(index)).Take(wanted)];
        }

        private static int? IndexOf(V1Pod pod) =>
            pod.Metadata.Annotations?.TryGetValue(JobNames.CompletionIndex, out var text) == true
            && int.TryParse(text, CultureInfo.InvariantCulture, out var index) ? index : null;

        private static void AddOnce(List<string> uids, string uid)
        {
            if (!uids.Contains(uid))
            {
                uids.Add(uid);
            }
        }
    }
}
