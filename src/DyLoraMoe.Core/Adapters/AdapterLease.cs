namespace DyLoraMoe.Core.Adapters;

/// <summary>Use of one adapter; dispose to let it go.</summary>
/// <param name="adapter">The adapter.</param>
/// <param name="release">Called once, on the first dispose.</param>
public sealed class AdapterLease(LoraAdapter adapter, Action release) : IDisposable
{
    private Action? _release = release;

    /// <summary>The adapter, on the model's device.</summary>
    public LoraAdapter Adapter { get; } = adapter;

    /// <summary>Gives the adapter back to the pool.</summary>
    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
