using DyLoraMoe.Sandbox.Controllers.Machinery;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Kubelet;

/// <summary>The kubelet: one worker for each pod bound to the node.</summary>
internal sealed class KubeletAgent : IClusterComponent
{
    private readonly PodTools _tools;
    private readonly Informer<V1Pod> _pods;
    private readonly Dictionary<string, (PodWorker Worker, Task Run)> _workers = [];
    private readonly Lock _gate = new();
    private readonly ILogger _logger;
    private CancellationToken _cancellation;
    private bool _running;

    public KubeletAgent(PodTools tools)
    {
        _tools = tools;
        _logger = tools.Cluster.Loggers.CreateLogger("DyLoraMoe.Sandbox.Kubelet");
        _pods = tools.Cluster.Informer<V1Pod>();
        _pods.Changed += (before, now) => Look((now ?? before)!, now is null || (before is not null && before.Metadata.Uid != now.Metadata.Uid), before);
    }

    public string Name => "Kubelet";

    /// <summary>Runs pods until cancelled; then they end, to go on when the sandbox comes back.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            await _pods.Synced.WaitAsync(cancellation);
            using var writes = new CancellationTokenSource();
            _cancellation = writes.Token;
            RemoveLeftFolders();
            lock (_gate)
            {
                _running = true;
            }

            foreach (var pod in _pods.All())
            {
                Look(pod, false, null);
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, _tools.Cluster.Time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await StopAsync(writes);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
    }

    private async Task StopAsync(CancellationTokenSource writes)
    {
        List<(PodWorker Worker, Task Run)> workers;
        lock (_gate)
        {
            _running = false;
            workers = [.. _workers.Values];
        }

        foreach (var (worker, _) in workers)
        {
            worker.Suspend(_tools.Cluster.Options.ShutdownGrace);
        }

        writes.CancelAfter(_tools.Cluster.Options.ShutdownGrace + TimeSpan.FromSeconds(5));
        await Task.WhenAll(workers.Select(worker => worker.Run));
    }

    private void Look(V1Pod pod, bool gone, V1Pod? before)
    {
        lock (_gate)
        {
            if (!_running)
            {
                return;
            }

            if (gone && before is not null && _workers.Remove(before.Metadata.Uid, out var left))
            {
                left.Worker.Remove();
                _ = CleanAsync(left.Worker, left.Run);
            }

            if ((gone && before == pod) || pod.Spec.NodeName != _tools.Cluster.Options.NodeName)
            {
                return;
            }

            if (!_workers.TryGetValue(pod.Metadata.Uid, out var known))
            {
                var worker = new PodWorker(_tools, pod);
                _workers[pod.Metadata.Uid] = (worker, Task.Run(() => RunAsync(worker, pod), CancellationToken.None));
                return;
            }

            known.Worker.Update(pod);
            if (pod.IsTerminating() && before?.IsTerminating() != true)
            {
                _workers[pod.Metadata.Uid] = (known.Worker, ConfirmAsync(known.Worker, known.Run, pod));
            }
        }
    }

    private async Task RunAsync(PodWorker worker, V1Pod pod)
    {
        try
        {
            await worker.RunAsync(_cancellation);
        }
        catch (OperationCanceledException) when (_cancellation.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            KubeletLog.Broken(_logger, ObjectKey.Of(pod).ToString(), e);
        }
    }

    private async Task ConfirmAsync(PodWorker worker, Task run, V1Pod pod)
    {
        await run;
        try
        {
            await worker.ConfirmDeletionAsync(_cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            KubeletLog.Broken(_logger, ObjectKey.Of(pod).ToString(), e);
        }
    }

    private async Task CleanAsync(PodWorker worker, Task run)
    {
        try
        {
            await run;
            worker.RemoveFolder();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            KubeletLog.Left(_logger, worker.Uid, e.Message);
        }
    }

    /// <summary>Folders of pods that went while no sandbox ran.</summary>
    private void RemoveLeftFolders()
    {
        Directory.CreateDirectory(_tools.Folder);
        var known = _pods.All().Select(pod => pod.Metadata.Uid).ToHashSet();
        foreach (var folder in Directory.GetDirectories(_tools.Folder).Where(folder => !known.Contains(Path.GetFileName(folder))))
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                KubeletLog.Left(_logger, Path.GetFileName(folder), e.Message);
            }
        }
    }
}

internal static partial class KubeletLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "The pod {Pod} cannot be run on")]
    public static partial void Broken(ILogger logger, string pod, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The folder of pod {Uid} stays: {Reason}")]
    public static partial void Left(ILogger logger, string uid, string reason);
}
