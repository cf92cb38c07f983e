using k8s.Models;

namespace DyLoraMoe.Sandbox.Kubelet;

/// <summary>Runs one container of a pod: starts it, probes it, starts it again as the restart policy says, and ends it with grace.</summary>
internal sealed class ContainerWorker(PodRuntime pod, V1Container container, bool init, ContainerSnapshot initial)
{
    private static readonly TimeSpan SetupRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan KillLook = TimeSpan.FromMilliseconds(100);

    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly V1ContainerState? _formerState = initial.LastState;
    private volatile ContainerSnapshot _now = initial;
    private int _crashes;

    public ContainerSnapshot Now => _now;

    /// <summary>Completes when the container has started (its startup probe included), or never will.</summary>
    public Task Started => _started.Task;

    /// <summary>Whether the run that the status spoke of was lost with a former sandbox.</summary>
    public bool Lost { get; private set; }

    /// <summary>An init container that is not a sidecar is never ready, one without a probe is as soon as it runs.</summary>
    private bool IsReadyOnceStarted => container.ReadinessProbe is null && (!init || PodStatusRules.IsSidecar(_now));

    /// <summary>Takes over what the status says of a run that no sandbox watches any more.</summary>
    public void Recover()
    {
        if (_now.State.Running is { } running)
        {
            var left = ContainerProcess.LeftExitCode(pod.Folder.ExitCode(container.Name, _now.Restarts));
            Lost = left is null or 137;
            Finish(running.StartedAt, left ?? 137, Lost ? "ContainerStatusUnknown" : null);
        }
        else if (_now.State.Terminated is { } ended)
        {
            Set(now => now with { Done = !Restarts(ended.ExitCode) });
        }
    }

    public async Task RunAsync()
    {
        try
        {
            while (!_now.Done)
            {
                if (_now.State.Terminated is not null && !await BackOffAsync())
                {
                    break;
                }

                if (await PrepareAsync() is not { } plan)
                {
                    break;
                }

                await RunOnceAsync(plan);
            }
        }
        finally
        {
            _started.TrySetResult();
        }
    }

    private bool Restarts(int exitCode) => RestartRules.Restarts(pod.Pod.Spec.RestartPolicy, container.RestartPolicy, init, exitCode);

    /// <summary>Waits before the next run and counts it; false when the pod ends meanwhile.</summary>
    private async Task<bool> BackOffAsync()
    {
        var before = _now.State;
        var calm = before.Terminated is { StartedAt: { } from, FinishedAt: { } to } && to - from > RestartRules.Calm;
        _crashes = calm ? 1 : _crashes + 1;
        var first = before.Terminated!.ExitCode == 0 && _crashes == 1;
        var delay = first || Lost ? TimeSpan.Zero
            : RestartRules.Backoff(_crashes, pod.Cluster.Options.RestartBackoff, pod.Cluster.Options.RestartBackoffLimit);
        if (delay > TimeSpan.Zero)
        {
            Set(now => now with
            {
                LastState = before,
                State = Waiting("CrashLoopBackOff", $"back-off {delay.TotalSeconds:0}s restarting failed container={container.Name} pod={pod.Pod.Metadata.Name}_{pod.Pod.Metadata.NamespaceProperty}({pod.Pod.Metadata.Uid})"),
            });
            pod.Warning("BackOff", $"Back-off restarting failed container {container.Name} in pod {pod.Pod.Metadata.Name}");
            if (!await pod.WaitAsync(delay))
            {
                // What it last was is what it stays.
                Set(now => now with { State = before, LastState = _formerState });
                return false;
            }
        }

        Lost = false;
        Set(now => now with { LastState = before, Restarts = now.Restarts + 1 });
        return true;
    }

    private async Task<LaunchPlan?> PrepareAsync()
    {
        while (!pod.Waits.IsCancellationRequested)
        {
            try
            {
                File.WriteAllText(pod.Folder.TerminationMessage(container.Name), "");
                return await pod.PlanAsync(container, pod.Waits);
            }
            catch (SetupException e)
            {
                if (_now.State.Waiting is not { } known || known.Message != e.Message)
                {
                    pod.Warning(e.Reason == "ErrImagePull" ? "Failed" : e.Reason, $"Error: {e.Message}");
                }

                Set(now => now with { State = Waiting(e.Reason, e.Message) });
            }
            catch (Exception e) when (e is Controllers.Machinery.ApiException or HttpRequestException or IOException)
            {
                Set(now => now with { State = Waiting("CreateContainerError", e.Message) });
            }
            catch (OperationCanceledException)
            {
                break;
            }

            await pod.WaitAsync(SetupRetry);
        }

        return null;
    }

    private async Task RunOnceAsync(LaunchPlan plan)
    {
        var run = _now.Restarts;
        var exitFile = pod.Folder.ExitCode(container.Name, run);
        File.Delete(exitFile);
        File.Delete(pod.Folder.Log(container.Name, run - 2));
        var startedAt = Time();
        ContainerProcess process;
        try
        {
            process = ContainerProcess.Start(plan, exitFile, new LogWriter(pod.Folder.Log(container.Name, run), pod.Cluster.Time), pod.Cluster.Time);
        }
        catch (SetupException e)
        {
            pod.Warning("Failed", $"Error: {e.Message}");
            Finish(startedAt, 128, "StartError", e.Message);
            return;
        }

        await using (process)
        {
            Set(now => now with
            {
                State = new V1ContainerState { Running = new V1ContainerStateRunning { StartedAt = startedAt } },
                Started = container.StartupProbe is null,
                Ready = container.StartupProbe is null && IsReadyOnceStarted,
            });
            pod.Normal("Started", $"Started container {container.Name}");
            if (container.StartupProbe is null)
            {
                _started.TrySetResult();
            }

            using var probing = CancellationTokenSource.CreateLinkedTokenSource(pod.Waits);
            var unwell = ProbeAsync(plan, probing.Token);
            var postStart = HookAsync(container.Lifecycle?.PostStart, plan, TimeSpan.FromMinutes(1));
            await Task.WhenAny(process.Exit, pod.Ending, unwell);
            await probing.CancelAsync();
            if (!process.Exit.IsCompleted)
            {
                await StopAsync(process, plan, pod.Ending.IsCompleted ? null : await unwell);
            }

            await postStart;
            var code = await process.Exit;
            if (pod.SandboxStops)
            {
                File.WriteAllText(exitFile, "lost");
                return;
            }

            Finish(startedAt, code, null);
        }
    }

    /// <summary>The hook, then SIGTERM, then SIGKILL when the grace is over.</summary>
    private async Task StopAsync(ContainerProcess process, LaunchPlan plan, V1Probe? failed)
    {
        var grace = TimeSpan.FromSeconds(failed?.TerminationGracePeriodSeconds ?? pod.Pod.Spec.TerminationGracePeriodSeconds ?? 30);
        var own = pod.Now + grace;
        DateTimeOffset Deadline() => pod.Ending.IsCompleted && (failed is null || pod.Deadline < own) ? pod.Deadline : own;
        pod.Normal("Killing", failed is null
            ? $"Stopping container {container.Name}"
            : $"Container {container.Name} failed {(failed == container.StartupProbe ? "startup" : "liveness")} probe, will be restarted");
        if (!pod.SandboxStops)
        {
            var hook = HookAsync(container.Lifecycle?.PreStop, plan, Deadline() - pod.Now);
            await Task.WhenAny(hook, process.Exit, UntilAsync(Deadline));
        }

        process.Terminate();
        await Task.WhenAny(process.Exit, UntilAsync(Deadline));
        process.Kill();
        await process.Exit;
    }

    private async Task UntilAsync(Func<DateTimeOffset> deadline)
    {
        while (deadline() - pod.Now is { Ticks: > 0 } left)
        {
            await Task.Delay(left < KillLook ? left : KillLook, pod.Cluster.Time);
        }
    }

    private async Task HookAsync(V1LifecycleHandler? hook, LaunchPlan plan, TimeSpan limit)
    {
        if (hook is null || limit <= TimeSpan.Zero)
        {
            return;
        }

        try
        {
            if (hook.Exec is { } exec)
            {
                if (await ContainerProcess.RunAsync(plan, exec.Command, limit, CancellationToken.None) is not { Code: 0 } result)
                {
                    pod.Warning("FailedPreStopHook", "the hook's command failed or took too long");
                }
            }
            else if (hook.HttpGet is { } get)
            {
                using var bound = new CancellationTokenSource(limit, pod.Cluster.Time);
                await pod.Probes.GetAsync(get, container, pod.PodIp, bound.Token);
            }
            else if (hook.Sleep is { } sleep)
            {
                await Task.Delay(TimeSpan.FromSeconds(Math.Min(sleep.Seconds, limit.TotalSeconds)), pod.Cluster.Time);
            }
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or FormatException)
        {
            pod.Warning("FailedPreStopHook", e.Message);
        }
    }

    /// <summary>Probes until cancelled; the answer is the probe for whose failure the container must go.</summary>
    private async Task<V1Probe?> ProbeAsync(LaunchPlan plan, CancellationToken cancellation)
    {
        try
        {
            if (container.StartupProbe is { } startup)
            {
                var tally = new ProbeTally(false, 1, startup.FailureThreshold ?? 3);
                await DelayAsync(startup.InitialDelaySeconds ?? 0, cancellation);
                while (!tally.Passing)
                {
                    if (tally.Count(await AskAsync("Startup", startup, plan, cancellation)))
                    {
                        return startup;
                    }

                    if (!tally.Passing)
                    {
                        await DelayAsync(startup.PeriodSeconds ?? 10, cancellation);
                    }
                }

                Set(now => now with { Started = true, Ready = IsReadyOnceStarted });
                _started.TrySetResult();
            }

            var readiness = ReadinessAsync(plan, cancellation);
            if (container.LivenessProbe is { } liveness)
            {
                var tally = new ProbeTally(true, 1, liveness.FailureThreshold ?? 3);
                await DelayAsync(liveness.InitialDelaySeconds ?? 0, cancellation);
                while (true)
                {
                    if (tally.Count(await AskAsync("Liveness", liveness, plan, cancellation)))
                    {
                        return liveness;
                    }

                    await DelayAsync(liveness.PeriodSeconds ?? 10, cancellation);
                }
            }

            await readiness;
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
        }
        catch (OperationCanceledException)
        {
        }

        return null;
    }

    private async Task ReadinessAsync(LaunchPlan plan, CancellationToken cancellation)
    {
        if (container.ReadinessProbe is not { } probe)
        {
            return;
        }

        var tally = new ProbeTally(false, probe.SuccessThreshold ?? 1, probe.FailureThreshold ?? 3);
        try
        {
            await DelayAsync(probe.InitialDelaySeconds ?? 0, cancellation);
            while (true)
            {
                tally.Count(await AskAsync("Readiness", probe, plan, cancellation));
                if (tally.Passing != _now.Ready)
                {
                    Set(now => now with { Ready = tally.Passing });
                }

                // A container that starts is asked sooner, so that it need not wait a whole period at its first answer.
                await Task.Delay(
                    tally.Passing ? TimeSpan.FromSeconds(Math.Max(1, probe.PeriodSeconds ?? 10)) : TimeSpan.FromSeconds(Math.Min(1, Math.Max(1, probe.PeriodSeconds ?? 10))),
                    pod.Cluster.Time, cancellation);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task<bool> AskAsync(string kind, V1Probe probe, LaunchPlan plan, CancellationToken cancellation)
    {
        var (success, message) = await pod.Probes.CheckAsync(probe, container, plan, pod.PodIp, cancellation);
        if (!success)
        {
            pod.Warning("Unhealthy", $"{kind} probe failed: {message}");
        }

        return success;
    }

    private Task DelayAsync(int seconds, CancellationToken cancellation) =>
        seconds <= 0 ? Task.CompletedTask : Task.Delay(TimeSpan.FromSeconds(seconds), pod.Cluster.Time, cancellation);

    private void Finish(DateTime? startedAt, int code, string? reason, string? message = null)
    {
        message ??= TerminationMessages.Read(container, pod.Folder, _now.Restarts, code);
        Set(now => now with
        {
            Ready = false,
            Started = false,
            Done = !Restarts(code),
            State = new V1ContainerState
            {
                Terminated = new V1ContainerStateTerminated
                {
                    ContainerID = $"sandbox://{pod.Pod.Metadata.Uid}/{container.Name}/{now.Restarts}",
                    ExitCode = code,
                    Signal = null,
                    Reason = reason ?? RestartRules.Reason(code),
                    Message = message,
                    StartedAt = startedAt,
                    FinishedAt = Time(),
                },
            },
        });
    }

    private void Set(Func<ContainerSnapshot, ContainerSnapshot> change)
    {
        lock (_started)
        {
            _now = change(_now);
        }

        pod.Changed();
    }

    private DateTime Time() => pod.Cluster.Now;

    private static V1ContainerState Waiting(string reason, string message) =>
        new() { Waiting = new V1ContainerStateWaiting { Reason = reason, Message = message } };
}
