using System.Diagnostics.Metrics;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Reconciling;

namespace DyLoraMoe.Operator.Telemetry;

/// <summary>What the operator counts. The same instruments go to Prometheus and to OTLP.</summary>
internal sealed class OperatorMetrics : IDisposable
{
    private static readonly double[] _seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly Meter _meter;
    private readonly Counter<long> _reconciles;
    private readonly Histogram<double> _durations;
    private readonly Counter<long> _calls;
    private readonly Counter<long> _unreadable;
    private readonly Counter<long> _statusWrites;
    private readonly Counter<long> _wakeUps;
    private readonly Counter<long> _learned;
    private readonly Counter<long> _jobs;
    private readonly Counter<long> _gpuSpent;
    private readonly Counter<long> _gpuSaved;
    private readonly Counter<long> _refusals;

    public OperatorMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(OperatorTelemetry.Name);
        _reconciles = _meter.CreateCounter<long>("dylora_reconciles_total", null, "Visits to an object, by kind and outcome.");
        _durations = _meter.CreateHistogram("dylora_reconcile_duration_seconds", "s", "How long a visit took, by kind.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = _seconds });
        _calls = _meter.CreateCounter<long>("dylora_api_calls_total", null, "Calls of the Kubernetes API, by verb and resource.");
        _unreadable = _meter.CreateCounter<long>("dylora_unreadable_objects_total", null, "Times that an object was left out because it could not be read, by resource.");
        _statusWrites = _meter.CreateCounter<long>("dylora_status_writes_total", null, "Statuses that changed, by kind.");
        _wakeUps = _meter.CreateCounter<long>("dylora_wake_ups_total", null, "Visits asked for because another object changed, by kind.");
        _learned = _meter.CreateCounter<long>("dylora_skills_learned_total", null, "Skills that became served, each once for every state of its data, by backbone.");
        _jobs = _meter.CreateCounter<long>("dylora_jobs_finished_total", null, "Jobs that ended, by kind and outcome.");
        _gpuSpent = _meter.CreateCounter<long>("dylora_gpu_seconds_spent_total", "s", "Seconds of training on GPUs, by backbone.");
        _gpuSaved = _meter.CreateCounter<long>("dylora_gpu_seconds_saved_total", "s", "Seconds of training that novelty decisions made unnecessary, by backbone: what the covering expert had cost.");
        _refusals = _meter.CreateCounter<long>("dylora_refusals_total", null, "Candidates that would have made an older skill worse, by backbone.");
    }

    /// <summary>
    /// Counters of which all label sets are known before anything happens begin at zero: an increase is seen only in what was there before, and what is rare would be missed
    /// the first time.
    /// </summary>
    public void Begin()
    {
        foreach (var outcome in new[] { nameof(Outcome.Done), nameof(Outcome.Waiting), nameof(Outcome.Stalled), nameof(Outcome.Failed) })
        {
            foreach (var kind in new[] { Backbone.KindName, Skill.KindName, LoraExpert.KindName, Consolidation.KindName, Growth.KindName })
            {
                _reconciles.Add(0, new("kind", kind), new("outcome", outcome));
            }
        }

        foreach (var type in new[] { typeof(Backbone), typeof(Skill), typeof(LoraExpert), typeof(Consolidation), typeof(Growth) })
        {
            _unreadable.Add(0, new KeyValuePair<string, object?>("resource", ResourceKind.Of(type).Plural));
        }

        foreach (var kind in Enum.GetNames<JobKind>())
        {
            foreach (var outcome in Enum.GetNames<JobOutcome>())
            {
                _jobs.Add(0, new("job_kind", kind), new("outcome", outcome));
            }
        }
    }

    /// <summary>Counters of a backbone begin at zero when it is first seen, for the same reason.</summary>
    public void Begin(ObjectKey backbone)
    {
        foreach (var counter in new[] { _learned, _refusals, _gpuSpent, _gpuSaved })
        {
            Add(counter, backbone, 0);
        }
    }

    /// <summary>Figures that are asked for when somebody scrapes.</summary>
    public void Observe(string name, string description, Func<IEnumerable<Measurement<long>>> observe) =>
        _meter.CreateObservableGauge(name, observe, null, description);

    public void RecordReconcile(string kind, string outcome, double seconds)
    {
        _reconciles.Add(1, new("kind", kind), new("outcome", outcome));
        _durations.Record(seconds, new KeyValuePair<string, object?>("kind", kind));
    }

    public void RecordCall(string verb, string resource) => _calls.Add(1, new("verb", verb), new("resource", resource));

    public void RecordUnreadable(string resource) => _unreadable.Add(1, new KeyValuePair<string, object?>("resource", resource));

    public void RecordStatusWrite(string kind) => _statusWrites.Add(1, new KeyValuePair<string, object?>("kind", kind));

    public void RecordWakeUp(string kind) => _wakeUps.Add(1, new KeyValuePair<string, object?>("kind", kind));

    public void RecordLearned(ObjectKey backbone) => Add(_learned, backbone, 1);

    public void RecordJob(string kind, string outcome) => _jobs.Add(1, new("job_kind", kind), new("outcome", outcome));

    public void RecordGpuSpent(ObjectKey backbone, long seconds) => Add(_gpuSpent, backbone, seconds);

    public void RecordGpuSaved(ObjectKey backbone, long seconds) => Add(_gpuSaved, backbone, seconds);

    public void RecordRefusal(ObjectKey backbone) => Add(_refusals, backbone, 1);

    /// <summary>What tells a backbone from those of other namespaces; not named namespace, which is the operator's own once it is scraped.</summary>
    public static KeyValuePair<string, object?>[] LabelsOf(ObjectKey backbone) => [new("backbone_namespace", backbone.Namespace), new("backbone", backbone.Name)];

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private static void Add(Counter<long> counter, ObjectKey backbone, long number) => counter.Add(number, LabelsOf(backbone));
}
