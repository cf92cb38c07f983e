using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Artifacts.S3;

namespace DyLoraMoe.Artifacts;

/// <summary>
/// A store by what an argument calls it: a folder, or a place in a bucket with a folder for copies of what is read. Whoever uses it works on folders either way.
/// </summary>
public sealed class StorePlace : IDisposable
{
    private readonly BucketFolders? _bucket;
    private readonly TimeProvider _time;

    private StorePlace(string folder, BucketFolders? bucket, TimeProvider time) => (Folder, _bucket, _time) = (folder, bucket, time);

    /// <summary>The store's folder, or the one for copies.</summary>
    public string Folder { get; }

    /// <summary>Opens a store.</summary>
    /// <param name="argument">A folder, or a location as <see cref="S3Location"/> reads it.</param>
    /// <param name="cache">Folder for copies of what is in a bucket.</param>
    /// <param name="variable">Reads a variable of the environment.</param>
    /// <param name="options">How a bucket is talked to; the defaults when null.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <exception cref="FormatException">The argument is no location.</exception>
    /// <exception cref="S3Exception">A variable or the file of certificates is missing.</exception>
    public static StorePlace Open(string argument, string cache, Func<string, string?> variable, S3Options? options = null, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        if (!S3Location.IsOne(argument))
        {
            return new StorePlace(Path.GetFullPath(argument), null, time);
        }

        var copies = Path.Combine(Path.GetFullPath(cache), "store");
        return new StorePlace(copies, new BucketFolders(S3Bucket.Open(S3Location.Parse(argument), variable, options, time), copies), time);
    }

    /// <summary>What was made, by digest.</summary>
    public ArtifactStore Artifacts() => new(Folder, _bucket, _time);

    /// <summary>What was computed from it.</summary>
    /// <param name="warn">Told of what is damaged.</param>
    public DerivedStore Derived(Action<string> warn) => new(Folder, _bucket, warn, _time);

    /// <summary>A job's own folder in a bucket, alone; null where the store is a folder, which has it on the spot.</summary>
    /// <param name="name">The job.</param>
    /// <param name="say">Told what is waited for.</param>
    /// <param name="stop">Stops waiting.</param>
    public IJobFolder? TakeJob(string name, Action<string> say, CancellationToken stop) =>
        _bucket is null ? null : BucketJob.Take(_bucket, name, Path.Combine(Folder, StoreLayout.Checkpoints, name), say, stop);

    /// <inheritdoc/>
    public void Dispose() => _bucket?.Bucket.Dispose();
}
