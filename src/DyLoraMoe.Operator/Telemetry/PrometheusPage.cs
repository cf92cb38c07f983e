using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace DyLoraMoe.Operator.Telemetry;

/// <summary>The figures of this process in Prometheus' text format.</summary>
internal sealed class PrometheusPage : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private static readonly double[] _defaultBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly ConcurrentDictionary<string, Family> _families = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();
    private readonly Lock _scraping = new();

    public PrometheusPage()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (OperatorTelemetry.Meters.Contains(instrument.Meter.Name))
            {
                listener.EnableMeasurementEvents(instrument, _families.GetOrAdd(NameOf(instrument), _ => new(instrument)));
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, state) => ((Family)state!).Take(value, tags));
        _listener.SetMeasurementEventCallback<int>((_, value, tags, state) => ((Family)state!).Take(value, tags));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, state) => ((Family)state!).Take(value, tags));
        _listener.Start();
    }

    /// <summary>The page.</summary>
    public string Write()
    {
        lock (_scraping)
        {
            foreach (var family in _families.Values)
            {
                family.BeginScrape();
            }

            _listener.RecordObservableInstruments();
            var page = new StringBuilder();
            foreach (var (name, family) in _families.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                family.Write(name, page);
            }

            return page.ToString();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private static string NameOf(Instrument instrument)
    {
        var name = new string([.. instrument.Name.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '_')]);
        return IsCounter(instrument) && !name.EndsWith("_total", StringComparison.Ordinal) ? name + "_total" : name;
    }

    private static bool IsCounter(Instrument instrument) =>
        instrument is Counter<long> or Counter<int> or Counter<double> or ObservableCounter<long> or ObservableCounter<int> or ObservableCounter<double>;

    private sealed class Family(Instrument instrument)
    {
        private readonly ConcurrentDictionary<string, Series> _series = new(StringComparer.Ordinal);
        private readonly double[]? _bounds = BoundsOf(instrument);

        public void BeginScrape()
        {
            // What an observed figure no longer tells of is gone.
            if (instrument.IsObservable)
            {
                _series.Clear();
            }
        }

        public void Take(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var series = _series.GetOrAdd(Labels(tags), static (_, bounds) => new(bounds), _bounds);
            series.Take(value, isSum: !instrument.IsObservable && !instrument.GetType().Name.StartsWith("Gauge", StringComparison.Ordinal));
        }

        public void Write(string name, StringBuilder page)
        {
            var type = _bounds is not null ? "histogram" : IsCounter(instrument) ? "counter" : "gauge";
            page.Append(CultureInfo.InvariantCulture, $"# HELP {name} {instrument.Description}\n# TYPE {name} {type}\n");
            foreach (var (labels, series) in _series.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                series.Write(name, labels, _bounds, page);
            }
        }

        private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var text = new StringBuilder();
            foreach (var (name, value) in tags)
            {
                var escaped = Convert.ToString(value, CultureInfo.InvariantCulture)?.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
                text.Append(text.Length == 0 ? "" : ",").Append(name.Replace('.', '_')).Append("=\"").Append(escaped).Append('"');
            }

            return text.ToString();
        }

        private static double[]? BoundsOf(Instrument instrument) => instrument switch
        {
            Histogram<double> histogram => histogram.Advice?.HistogramBucketBoundaries is { Count: > 0 } bounds ? [.. bounds] : _defaultBounds,
            Histogram<long> or Histogram<int> => _defaultBounds,
            _ => null,
        };
    }

    private sealed class Series(double[]? bounds)
    {
        private readonly Lock _gate = new();
        private readonly long[] _buckets = new long[(bounds?.Length ?? 0) + 1];
        private double _sum;
        private long _count;

        public void Take(double value, bool isSum)
        {
            lock (_gate)
            {
                _sum = isSum ? _sum + value : value;
                _count++;
                if (bounds is not null)
                {
                    var bucket = Array.FindIndex(bounds, bound => value <= bound);
                    _buckets[bucket < 0 ? bounds.Length : bucket]++;
                }
            }
        }

        public void Write(string name, string labels, double[]? limits, StringBuilder page)
        {
            lock (_gate)
            {
                if (limits is null)
                {
                    page.Append(CultureInfo.InvariantCulture, $"{name}{(labels.Length == 0 ? "" : "{" + labels + "}")} {_sum}\n");
                    return;
                }

                var (before, total) = (labels.Length == 0 ? "" : labels + ",", 0L);
                for (var index = 0; index < limits.Length; index++)
                {
                    total += _buckets[index];
                    page.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{before}le=\"{limits[index]}\"}} {total}\n");
                }

                var braces = labels.Length == 0 ? "" : "{" + labels + "}";
                page.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{before}le=\"+Inf\"}} {_count}\n{name}_sum{braces} {_sum}\n{name}_count{braces} {_count}\n");
            }
        }
    }
}
