using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Telemetry;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Operator.Jobs;

/// <summary>
/// Brings work from a plan to its result: the request first, then the Job, then the result onto the request; each step is found again after a crash.
/// </summary>
internal sealed class JobRunner(ICluster cluster, JobSlots slots, OperatorOptions options, OperatorMetrics metrics, TimeProvider clock)
{
    /// <summary>How far the work is, after the next step was taken.</summary>
    public async Task<JobStage> AdvanceAsync(JobPlan plan, CancellationToken cancellationToken)
    {
        var requests = cluster.RequestsOf(plan.Subject, plan.Kind).ToList();
        var request = requests.Find(map => map.Note(Annotations.InputHash) == plan.Inputs) ?? requests.Find(map => plan.Adopts(map));
        await CancelAsync(requests.Where(map => map != request && RequestStore.ResultOf(map) is null), cancellationToken);
        if (request is not null && RequestStore.ResultOf(request) is { } result)
        {
            await ExpireAsync(request, plan.Backbone.Spec.Training.TtlSecondsAfterFinished, cancellationToken);
            if (result.Outcome != JobOutcome.Succeeded && request.Note(JobNotes.RetryAt) != plan.Subject.Note(JobNotes.RetryAt))
            {
                await DiscardAsync(request, cancellationToken);
                return new JobStage.Waiting(Reasons.Pending, "It is about to be tried again.");
            }

            if (result.Outcome != JobOutcome.Succeeded && BucketTroubles.IsOne(result.Reason))
            {
                var left = LeftUntilRetry(request);
                if (left > TimeSpan.Zero)
                {
                    slots.Return(BackboneOf(plan), SubjectOf(plan.Subject));
                    return new JobStage.Troubled(result.Reason, result.Message, left);
                }

                await DiscardAsync(request, cancellationToken);
                return new JobStage.Waiting(Reasons.Retrying, $"It is about to be tried again: {result.Message}");
            }

            return Finish(plan, result, request);
        }

        var job = request is null ? null : cluster.Find<V1Job>(request.Metadata.NamespaceProperty, request.Metadata.Name);
        if (plan.IsSuspended && (job is null || !JobReading.IsOver(job)))
        {
            return await HoldAsync(plan, job, cancellationToken);
        }

        return job is null ? await StartAsync(plan, request, cancellationToken) : await FollowAsync(plan, request!, job, cancellationToken);
    }

    /// <summary>Nothing is wanted of a kind any more: what is under way is stopped.</summary>
    public Task StopAsync(IKubernetesObject<V1ObjectMeta> subject, JobKind kind, CancellationToken cancellationToken) =>
        CancelAsync([.. cluster.RequestsOf(subject, kind).Where(map => RequestStore.ResultOf(map) is null)], cancellationToken);

    /// <summary>What was recorded is not to be found again: nobody says whether what it made is in the store still.</summary>
    /// <returns>Whether there was anything.</returns>
    public async Task<bool> ForgetAsync(IKubernetesObject<V1ObjectMeta> subject, CancellationToken cancellationToken)
    {
        List<V1ConfigMap> recorded = [.. cluster.RequestsOf(subject).Where(map => RequestStore.ResultOf(map) is not null)];
        await CancelAsync(recorded, cancellationToken);
        return recorded.Count > 0;
    }

    /// <summary>Lets Jobs go whose results are recorded, and then the records that nobody needs.</summary>
    /// <param name="subject">Whose.</param>
    /// <param name="isNeeded">Whether a recorded result is still the only place that holds what it says.</param>
    /// <param name="ttlSeconds">How long an ended Job is kept for its log.</param>
    /// <param name="cancellationToken">Stops the calls.</param>
    public async Task TidyAsync(IKubernetesObject<V1ObjectMeta> subject, Func<V1ConfigMap, bool> isNeeded, int ttlSeconds, CancellationToken cancellationToken)
    {
        foreach (var request in cluster.RequestsOf(subject).Where(map => RequestStore.ResultOf(map) is not null).ToList())
        {
            if (!await ExpireAsync(request, ttlSeconds, cancellationToken) && !isNeeded(request))
            {
                await cluster.DeleteAsync(request, cancellationToken);
            }
        }
    }

    // Not before its result is recorded on the request, which is what remembers it: a Job that goes takes its pods along.
    private async Task<bool> ExpireAsync(V1ConfigMap request, int ttlSeconds, CancellationToken cancellationToken)
    {
        var job = cluster.Find<V1Job>(request.Metadata.NamespaceProperty, request.Metadata.Name);
        if (job is { Spec.TtlSecondsAfterFinished: null, Metadata.DeletionTimestamp: null } && JobReading.IsOver(job))
        {
            await cluster.MergeAsync(job, new JsonObject { ["spec"] = new JsonObject { ["ttlSecondsAfterFinished"] = ttlSeconds } }, cancellationToken);
        }

        return job is not null;
    }

    /// <summary>Kind and name of the one that a job is for, as its place in the queue is known by.</summary>
    public static string SubjectOf(IKubernetesObject<V1ObjectMeta> subject) => $"{subject.Kind}/{subject.Metadata.Name}";

    private static ObjectKey BackboneOf(JobPlan plan) => ObjectKey.Of(plan.Backbone);

    private JobStage.Finished Finish(JobPlan plan, JobResult result, V1ConfigMap request)
    {
        slots.Return(BackboneOf(plan), SubjectOf(plan.Subject));
        return new(result, request);
    }

    private async Task<JobStage> StartAsync(JobPlan plan, V1ConfigMap? request, CancellationToken cancellationToken)
    {
        var (backbone, subject) = (BackboneOf(plan), SubjectOf(plan.Subject));
        if (!slots.TryTake(backbone, subject, plan.IsUrgent, plan.Backbone.Spec.Training.MaxConcurrentJobs, () => cluster.TakenSlots(plan.Backbone)))
        {
            return WaitsForSlot(plan);
        }

        try
        {
            if (request is null)
            {
                var wanted = RequestOf(plan);
                if (MapSize.Excess(wanted) is { } excess)
                {
                    return new JobStage.Rejected(Reasons.TooLarge, excess);
                }

                request = await cluster.GetOrCreateAsync(wanted, cancellationToken);
            }

            if (!plan.Subject.Owns(request) || request.Metadata.DeletionTimestamp is not null)
            {
                return new JobStage.Waiting(Reasons.Pending, $"ConfigMap {request.Metadata.Name} of an earlier object of this name has to go first.");
            }

            if (RequestStore.ResultOf(request) is { } known)
            {
                return await AgainAsync(plan, request, known, cancellationToken);
            }

            var job = await cluster.GetOrCreateAsync(JobTemplate.Build(plan with { Inputs = request.Note(Annotations.InputHash) ?? plan.Inputs }, request.Metadata.Name, options), cancellationToken);
            return plan.Subject.Owns(job) && job.Metadata.DeletionTimestamp is null
                ? await FollowAsync(plan, request, job, cancellationToken)
                : new JobStage.Waiting(Reasons.Pending, $"Job {job.Metadata.Name} of an earlier object of this name has to go first.");
        }
        catch (ClusterException error) when (error.IsRejected)
        {
            return new JobStage.Rejected(Reasons.ChildRejected, $"The API server refuses the Job: {error.Message}");
        }
        finally
        {
            slots.Return(backbone, subject);
        }
    }

    // The same work was asked for under other terms before. What came of it stands, unless it was a failure or a refusal: then it is done again.
    private async Task<JobStage> AgainAsync(JobPlan plan, V1ConfigMap request, JobResult result, CancellationToken cancellationToken)
    {
        if (result.Outcome != JobOutcome.Succeeded || result.Check is { IsAccepted: false })
        {
            await DiscardAsync(request, cancellationToken);
            return new JobStage.Waiting(Reasons.Pending, "It is about to be tried again.");
        }

        var notes = new JsonObject();
        foreach (var (name, value) in NotesOf(plan))
        {
            notes[name] = value;
        }

        return Finish(plan, result, await cluster.MergeAsync(request, new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = notes } }, cancellationToken));
    }

    private async Task<JobStage> FollowAsync(JobPlan plan, V1ConfigMap request, V1Job job, CancellationToken cancellationToken)
    {
        if (job.Metadata.DeletionTimestamp is not null)
        {
            return new JobStage.Waiting(Reasons.Pending, $"Job {job.Metadata.Name} is being deleted; it is started again.");
        }

        var pods = cluster.ListOwned<V1Pod>(job).Where(job.Owns).ToList();
        if (JobReading.IsOver(job) && JobReading.LastWords(pods, plan.Kind) is null)
        {
            // Job and pods come by watches of their own, so the Job's end can be seen before its pod's.
            pods = [.. (await cluster.ReadAsync<V1Pod>(job.Metadata.NamespaceProperty, $"job-name={job.Metadata.Name}", cancellationToken)).Where(job.Owns)];
        }

        if (JobReading.ResultOf(job, plan.Kind, pods) is { } result)
        {
            if (result.Reason == Reasons.ResultMissing && request.Note(JobNotes.BegunAgain) is null)
            {
                // Its pod went before it was read. Begun again, a job finds in its journal what it did.
                await cluster.MergeAsync(request, new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [JobNotes.BegunAgain] = job.Metadata.Uid } } }, cancellationToken);
                await cluster.DeleteAsync(job, cancellationToken);
                return new JobStage.Waiting(Reasons.Retrying, $"{result.Message} It is begun again to tell it.");
            }

            var recorded = await RecordAsync(plan, request, result, cancellationToken);
            await ExpireAsync(recorded, plan.Backbone.Spec.Training.TtlSecondsAfterFinished, cancellationToken);
            var stage = Finish(plan, result, recorded);
            return result.Outcome != JobOutcome.Succeeded && BucketTroubles.IsOne(result.Reason) ? new JobStage.Troubled(result.Reason, result.Message, LeftUntilRetry(recorded)) : stage;
        }

        if (JobReading.IsHeld(job) && !plan.IsSuspended)
        {
            if (!slots.TryTake(BackboneOf(plan), SubjectOf(plan.Subject), plan.IsUrgent, plan.Backbone.Spec.Training.MaxConcurrentJobs, () => cluster.TakenSlots(plan.Backbone)))
            {
                return WaitsForSlot(plan);
            }

            job = await cluster.MergeAsync(job, Suspension(false), cancellationToken);
            slots.Return(BackboneOf(plan), SubjectOf(plan.Subject));
        }

        return JobReading.WaitsFor(job, pods, clock.GetUtcNow()) is var (reason, message)
            ? reason == Reasons.WaitingForQuota ? await InKueuesWordsAsync(job, message, cancellationToken) : new JobStage.Waiting(reason, message)
            : new JobStage.Running(job.Metadata.Name, $"Job {job.Metadata.Name} is running.");
    }

    private async Task<JobStage> InKueuesWordsAsync(V1Job job, string message, CancellationToken cancellationToken)
    {
        var reason = Reasons.WaitingForQuota;
        try
        {
            var workloads = await cluster.ReadAsync<KueueWorkload>(job.Metadata.NamespaceProperty, $"{KueueWorkload.JobUid}={job.Metadata.Uid}", cancellationToken);
            if (workloads.Any(workload => workload.IsEvicted))
            {
                (reason, message) = JobReading.Preemption(job);
            }

            if (workloads.Select(workload => workload.Reason()).OfType<string>().FirstOrDefault() is { } why)
            {
                message = $"{message} {why}";
            }
        }
        catch (ClusterException error) when (error.IsNotFound || error.Code == HttpStatusCode.Forbidden)
        {
            // Another version of Kueue, or a right that was taken away: the Job waits all the same.
        }

        return new JobStage.Waiting(reason, message);
    }

    // Whoever else has suspended a Job is not to find it running: Kueue manages Jobs without a queue's name too, if it is told to.
    private static JsonObject Suspension(bool isHeld) => new()
    {
        ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [JobNotes.Held] = isHeld ? "true" : null } },
        ["spec"] = new JsonObject { ["suspend"] = isHeld },
    };

    // Kueue owns the suspension of its Jobs, so one of those goes, also while it waits in the queue, where it takes up a slot; it is made again under the same
    // name and goes on from its checkpoint.
    private async Task<JobStage> HoldAsync(JobPlan plan, V1Job? job, CancellationToken cancellationToken)
    {
        slots.Return(BackboneOf(plan), SubjectOf(plan.Subject));
        if (job is { Metadata.DeletionTimestamp: null })
        {
            if (job.Metadata.Labels?.ContainsKey(Labels.KueueQueue) == true || (job.Spec?.Suspend == true && !JobReading.IsHeld(job)))
            {
                await cluster.DeleteAsync(job, cancellationToken);
            }
            else if (job.Spec?.Suspend != true)
            {
                await cluster.MergeAsync(job, Suspension(true), cancellationToken);
            }
        }

        return new JobStage.Waiting(Reasons.Suspended, "Work is suspended by the spec.");
    }

    private async Task<V1ConfigMap> RecordAsync(JobPlan plan, V1ConfigMap request, JobResult result, CancellationToken cancellationToken)
    {
        var notes = new JsonObject { [JobNotes.Result] = ContractJson.Write(result) };
        if (BucketTroubles.IsOne(result.Reason))
        {
            notes[JobNotes.RecordedAt] = clock.GetUtcNow().ToString("O", CultureInfo.InvariantCulture);
        }

        var recorded = await cluster.MergeAsync(request, new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = notes } }, cancellationToken);
        metrics.RecordJob(plan.Kind.ToString(), result.Outcome.ToString());
        if (GpuSecondsOf(result) is > 0 and var seconds)
        {
            metrics.RecordGpuSpent(BackboneOf(plan), seconds);
        }

        return recorded;
    }

    // A night that has made a version tells its seconds with both.
    private static long? GpuSecondsOf(JobResult result) => result.Grow?.GpuSeconds ?? result.Consolidate?.GpuSeconds ?? result.Train?.GpuSeconds;

    private TimeSpan LeftUntilRetry(V1ConfigMap request) =>
        DateTimeOffset.TryParse(request.Note(JobNotes.RecordedAt), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var recorded)
            ? recorded + options.BucketRetry - clock.GetUtcNow()
            : TimeSpan.Zero;

    private async Task CancelAsync(IEnumerable<V1ConfigMap> requests, CancellationToken cancellationToken)
    {
        foreach (var request in requests.Where(map => map.Metadata.DeletionTimestamp is null).ToList())
        {
            await DiscardAsync(request, cancellationToken);
        }
    }

    private async Task DiscardAsync(V1ConfigMap request, CancellationToken cancellationToken)
    {
        // The Job first: a request without a Job would be begun again, a Job without a request would be forgotten.
        if (cluster.Find<V1Job>(request.Metadata.NamespaceProperty, request.Metadata.Name) is { Metadata.DeletionTimestamp: null } job)
        {
            await cluster.DeleteAsync(job, cancellationToken);
        }

        await cluster.DeleteAsync(request, cancellationToken);
    }

    // Without its place in the queue: a thousand that wait would all be written again whenever one of them begins.
    private static JobStage.Waiting WaitsForSlot(JobPlan plan) =>
        new(Reasons.WaitingForSlot, $"{plan.Backbone.Spec.Training.MaxConcurrentJobs} jobs of Backbone {plan.Backbone.Metadata.Name} may {(plan.Backbone.Spec.Training.QueueName is null ? "run" : "run or wait for Kueue")} at once; its status says how many wait.");

    private static V1ConfigMap RequestOf(JobPlan plan)
    {
        var text = ContractJson.Write(plan.Request());
        return new()
        {
            ApiVersion = "v1",
            Kind = "ConfigMap",
            Metadata = new()
            {
                Name = Hash.Name($"{plan.Subject.Metadata.Name}-{KindName(plan.Kind)}", plan.IsRepeatable ? Hash.Of(text, plan.Subject.Kind, plan.Inputs) : Hash.Of(text, plan.Subject.Kind)),
                NamespaceProperty = plan.Subject.Metadata.NamespaceProperty,
                Labels = JobTemplate.LabelsOf(plan),
                Annotations = NotesOf(plan),
                OwnerReferences = [Owner.Of(plan.Subject)],
            },
            Immutable = true,
            Data = new Dictionary<string, string> { [RequestStore.FileName] = text },
        };
    }

    private static Dictionary<string, string> NotesOf(JobPlan plan)
    {
        var notes = new Dictionary<string, string>(plan.Notes, StringComparer.Ordinal) { [Annotations.InputHash] = plan.Inputs };
        if (plan.Subject.Note(JobNotes.RetryAt) is { } retry)
        {
            notes[JobNotes.RetryAt] = retry;
        }

        return notes;
    }

    private static string KindName(JobKind kind) => kind == JobKind.FitRouter ? "fit-router" : kind.ToString().ToLowerInvariant();
}
