using KubeOps.Abstractions.Builder;

namespace KubeOps.Operator.Queue;

/// <summary>Who is being visited, over all controllers of a kind: bounds the visits at once, and allows one per object.</summary>
internal sealed class EntityReconcileCoordinator<TEntity>(OperatorSettings settings) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<Func<Task>>> _running = [];

    public SemaphoreSlim Slots { get; } = new(settings.ParallelReconciliation.MaxParallelReconciliations);

    /// <summary>Begins a visit, or keeps what is to be done when the present visit of that object has ended.</summary>
    public bool TryBegin(string key, Func<Task>? afterwards)
    {
        lock (_lock)
        {
            if (!_running.TryGetValue(key, out var waiting))
            {
                _running[key] = [];
                return true;
            }

            if (afterwards is not null)
            {
                waiting.Add(afterwards);
            }

            return false;
        }
    }

    /// <summary>Ends a visit.</summary>
    /// <returns>What waited for that, in order.</returns>
    public List<Func<Task>> End(string key)
    {
        lock (_lock)
        {
            _running.Remove(key, out var waiting);
            return waiting ?? [];
        }
    }

    public void Dispose() => Slots.Dispose();
}
