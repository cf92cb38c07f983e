using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.Channels;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Core.Training;
using k8s;
using k8s.Models;
using TrainingState = DyLoraMoe.Api.Resources.TrainingProgress;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>
/// Shows a training in the status of its expert, by server-side apply, now and then and as well as it can: a report that does not get through is no
/// trouble of the training.
/// </summary>
internal sealed class ProgressReports : IProgress<TrainingProgress>, IDisposable
{
    private static readonly TimeSpan _pace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    private const int MostOfGauge = 160;

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private readonly Func<TrainingState, CancellationToken, Task> _send;
    private readonly int _steps;
    private readonly TimeProvider _time;
    private readonly Action<string> _say;
    private readonly Channel<TrainingState> _newest = Channel.CreateBounded<TrainingState>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly Task _sending;
    private readonly CancellationTokenSource _end = new();
    private (int Before, int Last) _runs;
    private (int Before, int Last) _rollbacks;
    private long? _last;
    private bool _hasFailed;

    /// <summary>Reports that go anywhere.</summary>
    /// <param name="send">Sends one.</param>
    /// <param name="steps">Steps of the whole training, all its runs together.</param>
    /// <param name="time">The clock.</param>
    /// <param name="say">Told once when reports do not get through.</param>
    internal ProgressReports(Func<TrainingState, CancellationToken, Task> send, int steps, TimeProvider time, Action<string> say)
    {
        _send = send;
        _steps = steps;
        _time = time;
        _say = say;
        _sending = Task.Run(SendAsync);
    }

    /// <summary>Reports to a cluster's API server; null where there is none to report to.</summary>
    /// <param name="request">What is trained, and whose status it is shown in.</param>
    /// <param name="time">The clock.</param>
    /// <param name="say">Told when there is none.</param>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever is wrong with the credentials, the training goes on.")]
    public static ProgressReports? To(JobRequest request, TimeProvider time, Action<string> say)
    {
        var hasFile = Environment.GetEnvironmentVariable("KUBECONFIG") is { Length: > 0 };
        if (request.Progress is not { } target || (!hasFile && !KubernetesClientConfiguration.IsInCluster()))
        {
            return null;
        }

        try
        {
            var client = new Kubernetes(KubernetesClientConfiguration.BuildDefaultConfig());
            return new ProgressReports((state, stop) => ApplyAsync(client, target, state, stop), StepsOf(request), time, say);
        }
        catch (Exception error)
        {
            say($"progress is not reported: {error.Message}");
            return null;
        }
    }

    /// <summary>Steps of all that a request trains.</summary>
    /// <param name="request">The request.</param>
    internal static int StepsOf(JobRequest request) =>
        request.Train?.Recipe.Steps ?? request.Consolidate?.Recipe.Steps ?? request.Grow?.Relearn?.Steps ?? TrainingOptions.Expert.MaxSteps!.Value;

    /// <inheritdoc/>
    public void Report(TrainingProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value.Step < _runs.Last)
        {
            // The next run of the same training.
            _runs = (_runs.Before + _runs.Last, 0);
            _rollbacks = (_rollbacks.Before + _rollbacks.Last, 0);
        }

        _runs.Last = value.Step;
        _rollbacks.Last = value.Rollbacks;
        var isLast = value.Kind is ProgressKind.Finished or ProgressKind.Interrupted;
        if (!isLast && _last is { } last && _time.GetElapsedTime(last) < _pace)
        {
            return;
        }

        _last = _time.GetTimestamp();
        _newest.Writer.TryWrite(StateOf(value, Math.Min(_steps, _runs.Before + _runs.Last)));
    }

    /// <summary>Waits for the last report to get through, though not long.</summary>
    public void Dispose()
    {
        _newest.Writer.TryComplete();
        if (!_sending.Wait(_patience))
        {
            _end.Cancel();
        }

        _end.Dispose();
    }

    private TrainingState StateOf(TrainingProgress value, int step)
    {
        var left = value.Remaining is { } remaining ? (long?)Math.Ceiling(remaining.TotalSeconds) : null;
        return new TrainingState
        {
            Percent = Math.Clamp((int)(100L * step / Math.Max(1, _steps)), 0, 100),
            Phase = value.Phase == TrainingPhase.Seeding ? "Seeding" : "Consolidating",
            Step = step,
            Steps = _steps,
            Loss = value.Loss?.ToString("0.0000", CultureInfo.InvariantCulture),
            TokensPerSecond = value.TokensPerSecond is { } rate ? (long)rate : null,
            EtaSeconds = left,
            Rollbacks = _rollbacks.Before + _rollbacks.Last is > 0 and var rollbacks ? rollbacks : null,
            Gauge = value.Gauges.MaxBy(reading => reading.Value / reading.Budget) is { } gauge ? Text.Cut(gauge.ToString(), MostOfGauge) : null,
            UpdatedAt = _time.GetUtcNow(),
        };
    }

    [SuppressMessage("Design", "CA1031", Justification = "A report that does not get through is no trouble of the training.")]
    private async Task SendAsync()
    {
        await foreach (var state in _newest.Reader.ReadAllAsync())
        {
            try
            {
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
                patience.CancelAfter(_patience);
                await _send(state, patience.Token);
            }
            catch (Exception error)
            {
                if (!_hasFailed)
                {
                    _hasFailed = true;
                    _say($"progress is not reported: {error.Message}");
                }
            }
        }
    }

    private static async Task ApplyAsync(Kubernetes client, ProgressTarget target, TrainingState state, CancellationToken stop)
    {
        var body = JsonSerializer.Serialize(
            new
            {
                ApiVersion = ApiNames.GroupVersion,
                Kind = "LoraExpert",
                Metadata = new { Name = target.Expert, target.Namespace },
                Status = new { Progress = state },
            },
            _json);
        await client.CustomObjects.PatchNamespacedCustomObjectStatusAsync(
            new V1Patch(body, V1Patch.PatchType.ApplyPatch), ApiNames.Group, ApiNames.Version, target.Namespace, "loraexperts", target.Expert, fieldManager: FieldManagers.Trainer, force: true, cancellationToken: stop);
    }
}
