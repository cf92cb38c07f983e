using DyLoraMoe.Sandbox.Controllers.Machinery;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Jobs;

/// <summary>Runs Jobs: asks <see cref="JobRules"/> what to do and does it.</summary>
internal sealed class JobController : Controller<ObjectKey>
{
    private const string Source = "job-controller";

    private readonly Informer<V1Job> _jobs;
    private readonly Informer<V1Pod> _pods;

    public JobController(ClusterContext cluster)
        : base("Jobs", cluster)
    {
        _jobs = cluster.Informer<V1Job>();
        _pods = cluster.Informer<V1Pod>();
        _jobs.Changed += (before, now) => Queue.Add(ObjectKey.Of((now ?? before)!));
        _pods.Changed += (before, now) =>
        {
            if ((now ?? before)!.ControllerKey<V1Job>() is { } key)
            {
                Queue.Add(key);
            }
        };
    }

    protected override IEnumerable<IInformer> Sources => [_jobs, _pods];

    protected override async Task<TimeSpan?> ReconcileAsync(ObjectKey key, CancellationToken cancellation)
    {
        if (_jobs.Get(key) is not { } job)
        {
            await ReleaseOrphansAsync(key, cancellation);
            return null;
        }

        var pods = _pods.ControlledBy(job.Metadata.Uid);
        var decision = JobRules.Decide(new JobFacts(job, pods, Now, Cluster.Options.JobBackoff, Cluster.Options.JobBackoffLimit));
        if (decision.Expired)
        {
            await Cluster.DeleteAsync(job, cancellation, "Background");
            return null;
        }

        var written = job with { Status = decision.Status, Metadata = ClusterContext.Copy(job.Metadata) };
        await Cluster.UpdateStatusAsync(written, job.Status, decision.Status, cancellation);
        foreach (var (type, reason, message) in decision.Events)
        {
            (type == "Normal" ? (Action<V1Job, string, string, string>)Cluster.Events.Normal : Cluster.Events.Warning)(job, Source, reason, message);
        }

        await Task.WhenAll(decision.Release.Select(pod => ReleaseAsync(pod, cancellation)));
        await Task.WhenAll(decision.Delete.Select(pod => DeleteAsync(job, pod, decision.ReleaseDeleted, cancellation)));
        var indexes = decision.CreateIndexes.Count > 0
            ? decision.CreateIndexes.Select(index => (int?)index)
            : Enumerable.Repeat((int?)null, decision.Create);
        await Task.WhenAll(indexes.Select(index => CreateAsync(job, index, cancellation)));
        return decision.Revisit;
    }

    private async Task CreateAsync(V1Job job, int? index, CancellationToken cancellation)
    {
        try
        {
            var pod = await Cluster.CreateAsync(JobPods.New(job, index), cancellation);
            Cluster.Events.Normal(job, Source, "SuccessfulCreate", $"Created pod: {pod.Metadata.Name}");
        }
        catch (ApiException e)
        {
            Cluster.Events.Warning(job, Source, "FailedCreate", $"Error creating: {e.Status}");
            throw;
        }
    }

    private async Task DeleteAsync(V1Job job, V1Pod pod, bool release, CancellationToken cancellation)
    {
        if (release)
        {
            await ReleaseAsync(pod, cancellation);
        }

        await Cluster.DeleteAsync(pod, cancellation);
        Cluster.Events.Normal(job, Source, "SuccessfulDelete", $"Deleted pod: {pod.Metadata.Name}");
    }

    /// <summary>Pods of a Job that is gone must not wait for it.</summary>
    private async Task ReleaseOrphansAsync(ObjectKey key, CancellationToken cancellation)
    {
        foreach (var pod in _pods.In(key.Namespace).Where(pod => pod.ControllerKey<V1Job>() == key))
        {
            await ReleaseAsync(pod, cancellation);
        }
    }

    private async Task ReleaseAsync(V1Pod pod, CancellationToken cancellation)
    {
        if (pod.Metadata.Finalizers?.Contains(JobNames.TrackingFinalizer) != true)
        {
            return;
        }

        var left = pod.Metadata.Finalizers.Where(finalizer => finalizer != JobNames.TrackingFinalizer).ToArray();
        try
        {
            _pods.Observe(await Cluster.Api.MergeAsync<V1Pod>(
                ObjectKey.Of(pod),
                new { metadata = new { uid = pod.Metadata.Uid, resourceVersion = pod.Metadata.ResourceVersion, finalizers = left } },
                null,
                cancellation));
        }
        catch (ApiException e) when (e.IsNotFound)
        {
        }
    }
}
