using DyLoraMoe.Sandbox.Controllers.Machinery;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Kubelet;

#pragma warning disable CA1001 // The source has no timer, so it holds nothing; and news of the pod may still end the runtime after its run.
/// <summary>What the containers of a pod share while they run.</summary>
internal sealed class PodRuntime(ClusterContext cluster, PodFolder folder, ProbeCheck probes)
{
    public const string EventSource = "kubelet";

    private readonly TaskCompletionSource<DateTimeOffset> _ending = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _waits = new();
    private long _deadline = long.MaxValue;

    public ClusterContext Cluster => cluster;

    public PodFolder Folder => folder;

    public ProbeCheck Probes => probes;

    public required V1Pod Pod { get; set; }

    public string PodIp { get; set; } = "";

    public required Func<V1Container, CancellationToken, Task<LaunchPlan>> PlanAsync { get; init; }

    /// <summary>Called when a container's state has changed.</summary>
    public required Action Changed { get; init; }

    /// <summary>Completes when the pod is to end.</summary>
    public Task Ending => _ending.Task;

    /// <summary>Cancelled when the pod is to end: nothing more is waited for.</summary>
    public CancellationToken Waits => _waits.Token;

    /// <summary>Whether the sandbox itself stops, so that what ends now is not to be taken for an end of its own.</summary>
    public bool SandboxStops { get; set; }

    /// <summary>Until when containers may take to end; a later, shorter grace counts.</summary>
    public DateTimeOffset Deadline => new(Interlocked.Read(ref _deadline), TimeSpan.Zero);

    public DateTimeOffset Now => cluster.Time.GetUtcNow();

    public void End(TimeSpan grace)
    {
        var deadline = (Now + grace).UtcTicks;
        if (deadline < Interlocked.Read(ref _deadline))
        {
            Interlocked.Exchange(ref _deadline, deadline);
        }

        _ending.TrySetResult(Deadline);
        _waits.Cancel();
    }

    /// <summary>Waits while the pod lives; false when it is to end.</summary>
    public async Task<bool> WaitAsync(TimeSpan delay)
    {
        try
        {
            await Task.Delay(delay, cluster.Time, Waits);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    public void Normal(string reason, string message) => cluster.Events.Normal(Pod, EventSource, reason, message);

    public void Warning(string reason, string message) => cluster.Events.Warning(Pod, EventSource, reason, message);
}
