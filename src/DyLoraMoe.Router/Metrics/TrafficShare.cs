namespace DyLoraMoe.Router.Metrics;

/// <summary>What part of the latest traffic each expert had, by weight.</summary>
internal sealed class TrafficShare
{
    private const int Window = 1024;

    private readonly Lock _lock = new();
    private readonly Queue<IReadOnlyList<(string Expert, double Weight)>> _latest = new();
    private readonly Dictionary<string, double> _sums = new(StringComparer.Ordinal);

    /// <summary>Takes in one answer's experts.</summary>
    public void Add(IReadOnlyList<(string Expert, double Weight)> weights)
    {
        lock (_lock)
        {
            _latest.Enqueue(weights);
            foreach (var (expert, weight) in weights)
            {
                _sums[expert] = _sums.GetValueOrDefault(expert) + weight;
            }

            if (_latest.Count > Window)
            {
                foreach (var (expert, weight) in _latest.Dequeue())
                {
                    _sums[expert] -= weight;
                }
            }
        }
    }

    /// <summary>The share of an expert among the latest answers, 0 to 1.</summary>
    public double Of(string expert)
    {
        lock (_lock)
        {
            return _latest.Count == 0 ? 0 : Math.Clamp(_sums.GetValueOrDefault(expert) / _latest.Count, 0, 1);
        }
    }
}
