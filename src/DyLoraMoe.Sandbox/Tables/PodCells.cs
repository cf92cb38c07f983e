using System.Globalization;
using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;

namespace DyLoraMoe.Sandbox.Tables;

/// <summary>What a pod is doing, as <c>kubectl get pods</c> sums it up. Init containers that go on beside the others (sidecars) count with those.</summary>
internal sealed class PodCells
{
    private readonly JsonObject _pod;
    private int _ready;
    private long _restarts;
    private string? _lastRestart;
    private string _status;

    private PodCells(JsonObject pod)
    {
        _pod = pod;
        _status = pod.Text("status", "reason") ?? pod.Text("status", "phase") ?? "Unknown";
        if (!IsInitializing(out long sidecarRestarts, out string? lastOfSidecars) || Holds("Initialized"))
        {
            (_restarts, _lastRestart) = (sidecarRestarts, lastOfSidecars);
            LookAtContainers();
        }

        if (pod.Text("metadata", "deletionTimestamp") is not null)
        {
            _status = pod.Text("status", "reason") == "NodeLost" ? "Unknown" : pod.Text("status", "phase") is "Succeeded" or "Failed" ? _status : "Terminating";
        }
    }

    /// <summary>One word.</summary>
    public static string Status(JsonObject pod) => new PodCells(pod)._status;

    /// <summary>How many containers are ready, of how many.</summary>
    public static string Ready(JsonObject pod) =>
        $"{new PodCells(pod)._ready}/{pod.Items("spec", "containers").Count + pod.Items("spec", "initContainers").Count(container => container.Text("restartPolicy") == "Always")}";

    /// <summary>How often containers started again, and how long ago the last one ended for it.</summary>
    public static string Restarts(JsonObject pod, DateTimeOffset now)
    {
        PodCells cells = new(pod);
        return cells._restarts == 0 || cells._lastRestart is null
            ? cells._restarts.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{cells._restarts} ({Ages.Since(cells._lastRestart, now)} ago)");
    }

    /// <summary>How many of the conditions hold that the pod waits for besides its containers.</summary>
    public static string Gates(JsonObject pod)
    {
        IList<JsonNode?> gates = pod.Items("spec", "readinessGates");
        PodCells cells = new(pod);
        return gates.Count == 0 ? "<none>" : $"{gates.Count(gate => cells.Holds(gate.Text("conditionType") ?? ""))}/{gates.Count}";
    }

    private bool IsInitializing(out long sidecarRestarts, out string? lastOfSidecars)
    {
        IList<JsonNode?> all = _pod.Items("spec", "initContainers"), statuses = _pod.Items("status", "initContainerStatuses");
        (sidecarRestarts, lastOfSidecars) = (0, null);
        for (int at = 0; at < statuses.Count; at++)
        {
            JsonNode? container = statuses[at], state = container.At("state");
            bool isSidecar = all.Any(each => each.Text("name") == container.Text("name") && each.Text("restartPolicy") == "Always");
            CountRestarts(container, ref _restarts, ref _lastRestart);
            if (isSidecar)
            {
                CountRestarts(container, ref sidecarRestarts, ref lastOfSidecars);
            }

            if (state.Whole("terminated", "exitCode") == 0)
            {
                continue;
            }

            if (isSidecar && container.Flag("started") == true)
            {
                _ready += container.Flag("ready") == true ? 1 : 0;
                continue;
            }

            string? waiting = state.Text("waiting", "reason");
            _status = state.Map("terminated") is { } failed ? "Init:" + Reason(failed)
                : waiting is { Length: > 0 } and not "PodInitializing" ? "Init:" + waiting : $"Init:{at}/{all.Count}";
            return true;
        }

        return false;
    }

    private void LookAtContainers()
    {
        bool isRunning = false;
        string? error = null;
        foreach (JsonNode? container in _pod.Items("status", "containerStatuses").Reverse())
        {
            JsonNode? state = container.At("state");
            CountRestarts(container, ref _restarts, ref _lastRestart);
            if (state.Text("waiting", "reason") is { Length: > 0 } waiting)
            {
                _status = waiting;
            }
            else if (state.Map("terminated") is { } ended)
            {
                _status = Reason(ended);
                error = ended.Whole("exitCode") != 0 ? _status : error;
            }
            else if (container.Flag("ready") == true && state.Map("running") is not null)
            {
                isRunning = true;
                _ready++;
            }
        }

        if (_status == "Completed")
        {
            _status = isRunning && Holds("Ready") ? "Running" : error ?? (isRunning ? "NotReady" : _status);
        }
    }

    private static void CountRestarts(JsonNode? container, ref long count, ref string? last)
    {
        count += container.Whole("restartCount") ?? 0;
        if (container.Text("lastState", "terminated", "finishedAt") is { } finished && string.CompareOrdinal(finished, last) > 0)
        {
            last = finished;
        }
    }

    private bool Holds(string condition) =>
        _pod.Items("status", "conditions").Any(each => each.Text("type") == condition && each.Text("status") == "True");

    private static string Reason(JsonObject ended) => ended.Text("reason") is { Length: > 0 } reason ? reason
        : ended.Whole("signal") is { } signal and not 0 ? $"Signal:{signal}" : $"ExitCode:{ended.Whole("exitCode")}";
}
