using DyLoraMoe.Artifacts;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>A job's own folder in a store that is a folder: what is written there is there.</summary>
internal sealed class LocalJobFolder : IJobFolder
{
    private readonly JobLease _lease;

    private LocalJobFolder(string path, JobLease lease) => (Path, _lease) = (path, lease);

    /// <inheritdoc/>
    public string Path { get; }

    /// <summary>Waits until nobody else works on the job.</summary>
    public static LocalJobFolder Take(string store, string name, Action<string> say, TimeProvider time, CancellationToken stop)
    {
        var path = System.IO.Path.Combine(store, StoreLayout.Checkpoints, name);
        return new LocalJobFolder(path, JobLease.Take(path, say, time, stop));
    }

    /// <inheritdoc/>
    public void Save()
    {
    }

    /// <inheritdoc/>
    public void Dispose() => _lease.Dispose();
}
