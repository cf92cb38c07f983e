using System.Threading.Channels;
using DyLoraMoe.Sandbox.Controllers.Machinery;
using DyLoraMoe.Sandbox.Controllers.Services;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Kubelet;

/// <summary>What every pod of the node is run with.</summary>
internal sealed record PodTools(
    ClusterContext Cluster, LoopbackNetwork Network, PodSources Sources, VolumeSetup Volumes, LaunchPlanner Planner, ProbeCheck Probes, string Folder);

/// <summary>Runs one pod from its binding to its end, and writes its status.</summary>
internal sealed class PodWorker
{
    private static readonly TimeSpan VolumeRefresh = TimeSpan.FromSeconds(10);

    private readonly PodTools _tools;
    private readonly PodRuntime _runtime;
    private readonly PodFolder _folder;
    private readonly ObjectKey _key;
    private readonly string _uid;
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly List<ContainerWorker> _init;
    private readonly List<ContainerWorker> _main;
    private IReadOnlyDictionary<string, string> _volumes = new Dictionary<string, string>();
    private volatile PodEnd? _end;
    private volatile bool _stopped;
    private volatile bool _removed;

    public PodWorker(PodTools tools, V1Pod pod)
    {
        _tools = tools;
        _key = ObjectKey.Of(pod);
        _uid = pod.Metadata.Uid;
        _folder = new PodFolder(tools.Folder, _uid);
        _runtime = new PodRuntime(tools.Cluster, _folder, tools.Probes)
        {
            Pod = pod,
            PlanAsync = PlanAsync,
            Changed = () => _changes.Writer.TryWrite(true),
        };
        _init = [.. (pod.Spec.InitContainers ?? []).Select(container => Worker(container, true, pod.Status?.InitContainerStatuses))];
        _main = [.. pod.Spec.Containers.Select(container => Worker(container, false, pod.Status?.ContainerStatuses))];
    }

    public string Uid => _uid;

    /// <summary>Takes in a newer version of the pod.</summary>
    public void Update(V1Pod pod)
    {
        _runtime.Pod = pod;
        if (pod.IsTerminating())
        {
            _runtime.End(TimeSpan.FromSeconds(pod.Metadata.DeletionGracePeriodSeconds ?? 30));
        }
    }

    /// <summary>The pod is gone from the API: nothing of it may go on.</summary>
    public void Remove()
    {
        _removed = true;
        _runtime.End(TimeSpan.Zero);
    }

    /// <summary>The sandbox stops; the pod goes on when it comes back.</summary>
    public void Suspend(TimeSpan grace)
    {
        _runtime.SandboxStops = true;
        _runtime.End(grace);
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        if (_runtime.Pod.IsFinished())
        {
            await ConfirmDeletionAsync(cancellation);
            return;
        }

        _folder.Prepare(_runtime.Pod);
        TakeAddress();
        Recover();
        Update(_runtime.Pod);
        using var writing = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var writer = WriteStatusesAsync(writing.Token);
        var deadline = WatchDeadlineAsync();
        var refresh = RefreshVolumesAsync();
        try
        {
            await RunContainersAsync();
        }
        finally
        {
            _runtime.End(TimeSpan.Zero);
            await Task.WhenAll(deadline, refresh);
            await writing.CancelAsync();
            await writer;
            _tools.Network.ReturnPod(_runtime.PodIp);
        }

        if (_runtime.SandboxStops)
        {
            return;
        }

        _stopped = true;
        if (!_removed)
        {
            await WriteStatusAsync(cancellation);
            await ConfirmDeletionAsync(cancellation);
        }
    }

    /// <summary>A pod that has ended goes from the API when it is being deleted.</summary>
    public async Task ConfirmDeletionAsync(CancellationToken cancellation)
    {
        if (_runtime.Pod.IsTerminating() && !_removed)
        {
            await _tools.Cluster.DeleteAsync(_runtime.Pod, cancellation, graceSeconds: 0);
        }
    }

    public void RemoveFolder() => _folder.Remove();

    private ContainerWorker Worker(V1Container container, bool init, IList<V1ContainerStatus>? statuses) => new(
        _runtime, container, init,
        ContainerSnapshot.Resume(container, statuses?.FirstOrDefault(status => status.Name == container.Name)));

    private void TakeAddress()
    {
        var former = _runtime.Pod.Status?.PodIP;
        _runtime.PodIp = !string.IsNullOrEmpty(former) && _tools.Network.TakePod(former) ? former : _tools.Network.TakePod();
    }

    private void Recover()
    {
        foreach (var worker in _init.Concat(_main))
        {
            worker.Recover();
        }

        if (_main.Concat(_init).Any(worker => worker is { Lost: true, Now.Done: true }))
        {
            _end = new PodEnd("NodeRestarted", "The sandbox stopped while the pod ran.", "TerminationByKubelet");
            _runtime.End(TimeSpan.Zero);
        }
    }

    private async Task RunContainersAsync()
    {
        if (!await PrepareVolumesAsync())
        {
            return;
        }

        var running = new List<Task>();
        foreach (var worker in _init)
        {
            if (worker.Now.Succeeded)
            {
                continue;
            }

            var run = worker.RunAsync();
            if (PodStatusRules.IsSidecar(worker.Now))
            {
                running.Add(run);
                await worker.Started;
            }
            else
            {
                await run;
                if (!worker.Now.Succeeded)
                {
                    _runtime.End(TimeSpan.FromSeconds(_runtime.Pod.Spec.TerminationGracePeriodSeconds ?? 30));
                }
            }

            if (_runtime.Ending.IsCompleted)
            {
                await Task.WhenAll(running);
                return;
            }
        }

        await Task.WhenAll(_main.Select(worker => worker.RunAsync()));
        _runtime.End(TimeSpan.FromSeconds(_runtime.Pod.Spec.TerminationGracePeriodSeconds ?? 30));
        await Task.WhenAll(running);
    }

    private async Task<bool> PrepareVolumesAsync()
    {
        string? reported = null;
        while (!_runtime.Ending.IsCompleted)
        {
            try
            {
                _volumes = await _tools.Volumes.PrepareAsync(_runtime.Pod, _folder, _runtime.PodIp, _runtime.Waits);
                if (_runtime.Pod.Spec.AutomountServiceAccountToken != false)
                {
                    await PrepareAccountAsync();
                }

                return true;
            }
            catch (Exception e) when (e is SetupException or ApiException or HttpRequestException or IOException)
            {
                if (reported != e.Message)
                {
                    reported = e.Message;
                    _runtime.Warning("FailedMount", $"MountVolume.SetUp failed: {e.Message}");
                }

                await _runtime.WaitAsync(TimeSpan.FromSeconds(0.5));
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }

        return false;
    }

    private async Task PrepareAccountAsync()
    {
        var token = await _tools.Sources.TokenAsync(_runtime.Pod, null, VolumeSetup.TokenSeconds, _runtime.Waits);
        await File.WriteAllTextAsync(Path.Combine(_folder.ServiceAccount, "token"), token, _runtime.Waits);
        await File.WriteAllTextAsync(Path.Combine(_folder.ServiceAccount, "namespace"), _key.Namespace, _runtime.Waits);
        if (_tools.Cluster.Options.CertificateAuthority is { } authority)
        {
            await File.WriteAllTextAsync(Path.Combine(_folder.ServiceAccount, "ca.crt"), authority, _runtime.Waits);
        }

        await File.WriteAllTextAsync(_folder.Kubeconfig, _tools.Planner.Kubeconfig(_runtime.Pod, token), _runtime.Waits);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_folder.Kubeconfig, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    private Task<LaunchPlan> PlanAsync(V1Container container, CancellationToken cancellation) =>
        _tools.Planner.PlanAsync(_runtime.Pod, container, _folder, _volumes, _runtime.PodIp, cancellation);

    private async Task WatchDeadlineAsync()
    {
        if (_runtime.Pod.Spec.ActiveDeadlineSeconds is not { } seconds)
        {
            return;
        }

        var started = _runtime.Pod.Status?.StartTime ?? _tools.Cluster.Now;
        if (await _runtime.WaitAsync(started.AddSeconds(seconds) - _tools.Cluster.Now is { Ticks: > 0 } left ? left : TimeSpan.Zero))
        {
            _end = new PodEnd("DeadlineExceeded", "Pod was active on the node longer than the specified deadline");
            _runtime.End(TimeSpan.FromSeconds(_runtime.Pod.Spec.TerminationGracePeriodSeconds ?? 30));
        }
    }

    private async Task RefreshVolumesAsync()
    {
        while (VolumeSetup.Changes(_runtime.Pod) && await _runtime.WaitAsync(VolumeRefresh))
        {
            try
            {
                await _tools.Volumes.PrepareAsync(_runtime.Pod, _folder, _runtime.PodIp, _runtime.Waits);
            }
            catch (Exception e) when (e is SetupException or ApiException or HttpRequestException or IOException or OperationCanceledException)
            {
                // What is there stays there; the next turn looks again.
            }
        }
    }

    private async Task WriteStatusesAsync(CancellationToken cancellation)
    {
        try
        {
            _changes.Writer.TryWrite(true);
            await foreach (var _ in _changes.Reader.ReadAllAsync(cancellation))
            {
                await WriteStatusAsync(cancellation);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task WriteStatusAsync(CancellationToken cancellation)
    {
        for (var attempt = 0; !_removed && !_runtime.SandboxStops; attempt++)
        {
            try
            {
                var pod = attempt == 0 ? _runtime.Pod : await _tools.Cluster.Api.FindAsync<V1Pod>(_key.Namespace, _key.Name, cancellation);
                if (pod is null || pod.Metadata.Uid != _uid)
                {
                    return;
                }

                var status = PodStatusRules.Status(pod, Findings(), _tools.Cluster.Now);
                if (!ClusterContext.Same(pod.Status, status))
                {
                    var changed = ClusterContext.Copy(pod);
                    changed.Status = status;
                    _runtime.Pod = await _tools.Cluster.UpdateAsync(changed, "status", cancellation);
                }

                return;
            }
            catch (ApiException e) when (e.IsNotFound)
            {
                return;
            }
            catch (Exception e) when (e is ApiException or HttpRequestException or IOException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(e is ApiException { IsConflict: true } ? 5 : Math.Min(5000, 100 << Math.Min(attempt, 6))), _tools.Cluster.Time, cancellation);
            }
        }
    }

    private PodFindings Findings() => new(
        [.. _init.Select(worker => worker.Now)], [.. _main.Select(worker => worker.Now)], _runtime.PodIp, _end, _stopped);
}
