using System.Collections.Concurrent;

namespace DyLoraMoe.Operator.Reconciling;

/// <summary>How often in a row visits to an object failed.</summary>
internal sealed class FailureCounts
{
    private readonly ConcurrentDictionary<(string Kind, ObjectKey Key), int> _counts = new();

    public int Failed(string kind, ObjectKey key) => _counts.AddOrUpdate((kind, key), 1, (_, count) => count + 1);

    public void Succeeded(string kind, ObjectKey key) => _counts.TryRemove((kind, key), out _);
}
