using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using DyLoraMoe.Artifacts.S3;

namespace DyLoraMoe.Artifacts;

/// <summary>
/// Immutable folders named by their content, in a folder of a file system. An artifact is written aside, synced and renamed, so it is
/// there whole or not at all; whoever opens one gets what its digest says, or an error that names it.
/// </summary>
/// <remarks>
/// Any number of processes on any number of machines may publish and read at once: equal content meets under one name, and the later one gives way.
/// One that publishes what is there already renews its age, so that whoever collects what is old and unnamed leaves it alone.
/// Where the store is a bucket, that is what counts: the folder then holds copies of what this machine has published or opened.
/// </remarks>
public sealed class ArtifactStore
{
    private readonly string _root;
    private readonly StoreFolder _folder;
    private readonly BucketFolders? _bucket;
    private readonly ConcurrentDictionary<string, bool> _verified = new(StringComparer.Ordinal);

    /// <summary>A store in <paramref name="root"/>, which is created when missing.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="time">The clock that the age of artifacts is told by; the system's when null.</param>
    public ArtifactStore(string root, TimeProvider? time = null)
        : this(root, null, time ?? TimeProvider.System)
    {
    }

    internal ArtifactStore(string root, BucketFolders? bucket, TimeProvider time)
    {
        _root = Path.GetFullPath(root);
        _folder = new StoreFolder(_root, time);
        _bucket = bucket;
    }

    /// <summary>The folder, or that of the copies.</summary>
    public string Root => _root;

    /// <summary>Publishes a folder.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="write">Writes the files into the folder it is given; when it throws, nothing is left behind.</param>
    /// <returns>The digest.</returns>
    public string Publish(ArtifactKind kind, Action<string> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        return _folder.Publish(write, aside =>
        {
            var digest = ArtifactDigest.OfFolder(aside);
            var target = PathOf(kind, digest);

            // First where it counts: a copy of what nobody else can have would hide that.
            _bucket?.Publish(FolderOf(kind), ArtifactDigest.Hex(digest), aside);
            _folder.Settle(aside, target, () => ArtifactDigest.OfFolder(target) == digest);
            _verified[target] = true;
            return digest;
        });
    }

    /// <summary>The folder of an artifact, verified against its digest the first time that this process asks for it.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="digest">Its digest.</param>
    /// <exception cref="ArtifactException">It is missing or damaged.</exception>
    public string Open(ArtifactKind kind, string digest)
    {
        var path = PathOf(kind, digest);
        if (_bucket is { } bucket && (!Directory.Exists(path) || (!_verified.ContainsKey(path) && !IsSound(path, digest))))
        {
            Fetch(bucket, kind, digest, path);
        }

        if (!Directory.Exists(path))
        {
            throw new ArtifactException($"The {NameOf(kind)} {digest} is not in {Name}; restore it from a backup, or publish it again.");
        }

        if (!_verified.ContainsKey(path))
        {
            var found = ArtifactDigest.OfFolder(path);
            if (ArtifactDigest.Hex(found) != ArtifactDigest.Hex(digest))
            {
                throw new ArtifactException($"The {NameOf(kind)} {digest} in {path} is damaged: its content has the digest {found}. Remove the folder and restore it from a backup, or publish it again.");
            }

            _verified[path] = true;
        }

        return path;
    }

    /// <summary>Whether the artifact is there. Says nothing about damage: <see cref="Open"/> does.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="digest">Its digest.</param>
    public bool Contains(ArtifactKind kind, string digest) =>
        _bucket?.Contains(FolderOf(kind), ArtifactDigest.Hex(digest)) ?? Directory.Exists(PathOf(kind, digest));

    /// <summary>Makes an artifact as young as one that was just published: somebody is about to name it.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="digest">Its digest.</param>
    /// <returns>Whether it is there.</returns>
    public bool Renew(ArtifactKind kind, string digest) =>
        _bucket?.Renew(FolderOf(kind), ArtifactDigest.Hex(digest)) ?? _folder.Renew(PathOf(kind, digest));

    /// <summary>Digests of all artifacts of a kind, in order.</summary>
    /// <param name="kind">What they are.</param>
    public IReadOnlyList<string> List(ArtifactKind kind)
    {
        if (_bucket is { } bucket)
        {
            return [.. bucket.Names(FolderOf(kind)).Where(IsDigits).Select(name => ArtifactDigest.Prefix + name)];
        }

        var folder = Path.Combine(_root, FolderOf(kind));
        return !Directory.Exists(folder) ? [] :
            [.. Directory.GetDirectories(folder).Select(path => Path.GetFileName(path)).Where(IsDigits).Select(name => ArtifactDigest.Prefix + name).Order(StringComparer.Ordinal)];
    }

    /// <summary>Removes an artifact; one that is not there is no error.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="digest">Its digest.</param>
    public void Remove(ArtifactKind kind, string digest)
    {
        var path = PathOf(kind, digest);
        _verified.TryRemove(path, out _);
        _bucket?.RemoveIfOlder(FolderOf(kind), ArtifactDigest.Hex(digest), DateTimeOffset.MaxValue);
        if (!Directory.Exists(path))
        {
            return;
        }

        _folder.Discard(path);
    }

    /// <summary>Removes an artifact that nobody has published or published again since a moment; one that is younger stays.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="digest">Its digest.</param>
    /// <param name="since">The moment.</param>
    /// <returns>Its size in bytes; null when it stays or is not there.</returns>
    public long? RemoveIfOlder(ArtifactKind kind, string digest, DateTimeOffset since)
    {
        var path = PathOf(kind, digest);
        var freed = _bucket is { } bucket ? bucket.RemoveIfOlder(FolderOf(kind), ArtifactDigest.Hex(digest), since) : _folder.DiscardIfOlder(path, since);
        if (freed is not null)
        {
            _verified.TryRemove(path, out _);
        }

        return freed;
    }

    /// <summary>Whether an artifact was published, or published again, since a moment.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="digest">Its digest.</param>
    /// <param name="since">The moment.</param>
    public bool IsYounger(ArtifactKind kind, string digest, DateTimeOffset since) =>
        _bucket is { } bucket ? bucket.IsYoung(FolderOf(kind), ArtifactDigest.Hex(digest), since) : StoreFolder.IsYounger(PathOf(kind, digest), since);

    /// <summary>Names of all jobs that have a folder of their own.</summary>
    public IReadOnlyList<string> Jobs()
    {
        if (_bucket is { } bucket)
        {
            return bucket.Names(StoreLayout.Checkpoints);
        }

        var folder = Path.Combine(_root, StoreLayout.Checkpoints);
        return !Directory.Exists(folder) ? [] : [.. Directory.GetDirectories(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
    }

    /// <summary>Removes the folder of a job in which nothing was written since a moment.</summary>
    /// <param name="job">The job.</param>
    /// <param name="since">The moment.</param>
    /// <returns>Its size in bytes; null when it stays.</returns>
    public long? RemoveJobIfOlder(string job, DateTimeOffset since)
    {
        ArgumentException.ThrowIfNullOrEmpty(job);
        return _bucket is { } bucket
            ? bucket.RemoveIfOlder(StoreLayout.Checkpoints, job, since)
            : StoreFolder.DeleteIfOlder(Path.Combine(_root, StoreLayout.Checkpoints, Path.GetFileName(job)), since);
    }

    /// <summary>Removes all that killed processes left half-written. Only a process that has the store for itself may call this.</summary>
    public void RemoveAbandoned() => _folder.RemoveAbandoned(DateTimeOffset.MaxValue);

    /// <summary>Removes what killed processes left half-written and nobody has written to since a moment.</summary>
    /// <param name="since">The moment.</param>
    /// <param name="say">Told of what has to stay.</param>
    /// <returns>How many folders, and their size in bytes.</returns>
    public (int Removed, long Bytes) RemoveAbandoned(DateTimeOffset since, Action<string> say)
    {
        var (removed, bytes) = _folder.RemoveAbandoned(since);
        if (_bucket is { } bucket)
        {
            var (more, moreBytes) = bucket.RemoveAbandoned([.. Enum.GetValues<ArtifactKind>().Select(FolderOf), .. Enum.GetValues<DerivedKind>().Select(DerivedStore.FolderOf), StoreLayout.Checkpoints], since, say);
            (removed, bytes) = (removed + more, bytes + moreBytes);
        }

        return (removed, bytes);
    }

    private string Name => _bucket?.Bucket.Name ?? _root;

    private void Fetch(BucketFolders bucket, ArtifactKind kind, string digest, string path)
    {
        if (Directory.Exists(path))
        {
            _folder.Discard(path);
        }

        if (bucket.Find(FolderOf(kind), ArtifactDigest.Hex(digest)) is { } manifest)
        {
            bucket.Fetch(FolderOf(kind), ArtifactDigest.Hex(digest), manifest, aside => _folder.Settle(aside, path, () => IsSound(path, digest)));
        }
    }

    // What somebody else put there is no artifact.
    private static bool IsDigits(string name) => name.Length == 64 && name.All(char.IsAsciiHexDigitLower);

    private static bool IsSound(string path, string digest) => ArtifactDigest.Hex(ArtifactDigest.OfFolder(path)) == ArtifactDigest.Hex(digest);

    private string PathOf(ArtifactKind kind, string digest) => Path.Combine(_root, FolderOf(kind), ArtifactDigest.Hex(digest));

    private static string FolderOf(ArtifactKind kind) => NameOf(kind) + "s";

    [SuppressMessage("Globalization", "CA1308", Justification = "A folder's name.")]
    private static string NameOf(ArtifactKind kind) => kind.ToString().ToLowerInvariant();
}
