using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DyLoraMoe.Artifacts.S3;

namespace DyLoraMoe.Artifacts;

/// <summary>What can be computed again from artifacts and a backbone, and is kept because that takes time.</summary>
public enum DerivedKind
{
    /// <summary>A backbone's descriptions of a dataset's samples, or of its own anchors.</summary>
    Features,

    /// <summary>Held-out losses of a dataset's samples with a backbone, an expert or a set.</summary>
    Results,
}

/// <summary>What was derived from what.</summary>
/// <param name="Key">One line that names everything it depends on: equal keys mean equal content.</param>
/// <param name="Backbone">Digest of the backbone.</param>
/// <param name="Needs">Digests of what it was made from; of no use once one of them is gone.</param>
public sealed record DerivedFrom(string Key, string Backbone, IReadOnlyList<string> Needs);

/// <summary>Something derived in a store.</summary>
/// <param name="Name">Its folder's name.</param>
/// <param name="From">What it was derived from; null when that cannot be read any more.</param>
public sealed record DerivedEntry(string Name, DerivedFrom? From);

/// <summary>
/// Folders named by what they were computed from, in the same store as the artifacts. The first to publish is right, so that all jobs go on from the
/// same numbers. What is missing or damaged is computed again by whoever needs it.
/// </summary>
public sealed class DerivedStore
{
    private const string ManifestName = "derived.json";

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly string _root;
    private readonly StoreFolder _folder;
    private readonly BucketFolders? _bucket;
    private readonly Action<string> _warn;

    // In the bucket, so that whoever publishes them again replaces what is there.
    private readonly HashSet<string> _damaged = new(StringComparer.Ordinal);

    /// <summary>What was derived in a store.</summary>
    /// <param name="root">The store's folder.</param>
    /// <param name="warn">Told of what is damaged.</param>
    /// <param name="time">The clock that ages are told by; the system's when null.</param>
    public DerivedStore(string root, Action<string> warn, TimeProvider? time = null)
        : this(root, null, warn, time ?? TimeProvider.System)
    {
    }

    internal DerivedStore(string root, BucketFolders? bucket, Action<string> warn, TimeProvider time)
    {
        _root = Path.GetFullPath(root);
        _folder = new StoreFolder(_root, time);
        (_bucket, _warn) = (bucket, warn);
    }

    /// <summary>The folder with what was derived, every byte checked.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="from">What it was derived from.</param>
    /// <returns>The folder; null when it is not there or is damaged.</returns>
    public string? Find(DerivedKind kind, DerivedFrom from)
    {
        ArgumentNullException.ThrowIfNull(from);
        var path = PathOf(kind, NameOf(from));
        if (_bucket is { } bucket && (!Directory.Exists(path) || Damage(path, from) is not null))
        {
            Fetch(bucket, kind, from, path);
        }

        if (!Directory.Exists(path))
        {
            return null;
        }

        if (Damage(path, from) is not { } damage)
        {
            return path;
        }

        if (Directory.Exists(path))
        {
            _warn($"{path} is damaged ({damage}) and is computed again");
        }

        return null;
    }

    /// <summary>Publishes what was derived; a sound one that is there stays.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="from">What it was derived from.</param>
    /// <param name="write">Writes the files into the folder it is given.</param>
    /// <returns>The folder.</returns>
    public string Publish(DerivedKind kind, DerivedFrom from, Action<string> write)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(write);
        var target = PathOf(kind, NameOf(from));
        return _folder.Publish(
            aside =>
            {
                write(aside);
                File.WriteAllText(Path.Combine(aside, ManifestName), JsonSerializer.Serialize(new Manifest(from, Digests(aside)), _json));
            },
            aside =>
            {
                if (_bucket is { } bucket && !bucket.PublishFirst(FolderOf(kind), NameOf(from), aside, File.ReadAllText(Path.Combine(aside, ManifestName)), _damaged.Contains(NameOf(from))))
                {
                    // Another job was first: its numbers count, unless they cannot be had.
                    Fetch(bucket, kind, from, target);
                    if (_damaged.Contains(NameOf(from)))
                    {
                        bucket.PublishFirst(FolderOf(kind), NameOf(from), aside, File.ReadAllText(Path.Combine(aside, ManifestName)), replaces: true);
                    }
                }

                _folder.Settle(aside, target, () => Damage(target, from) is null);
                return target;
            });
    }

    /// <summary>Everything of a kind.</summary>
    /// <param name="kind">What it is.</param>
    public IReadOnlyList<DerivedEntry> List(DerivedKind kind)
    {
        if (_bucket is { } bucket)
        {
            return [.. bucket.Names(FolderOf(kind)).Select(name => new DerivedEntry(name, OriginOf(bucket, kind, name)))];
        }

        var folder = Path.Combine(_root, FolderOf(kind));
        return !Directory.Exists(folder) ? [] :
            [.. Directory.GetDirectories(folder).Order(StringComparer.Ordinal).Select(path => new DerivedEntry(Path.GetFileName(path), ManifestOf(path)?.From))];
    }

    /// <summary>Removes something that was not published since a moment.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="name">Its folder's name.</param>
    /// <param name="since">The moment.</param>
    /// <returns>Its size in bytes; null when it stays or is not there.</returns>
    public long? RemoveIfOlder(DerivedKind kind, string name, DateTimeOffset since) =>
        _bucket is { } bucket ? bucket.RemoveIfOlder(FolderOf(kind), name, since) : _folder.DiscardIfOlder(PathOf(kind, name), since);

    internal static string FolderOf(DerivedKind kind) => kind == DerivedKind.Features ? "features" : "results";

    private static DerivedFrom? OriginOf(BucketFolders bucket, DerivedKind kind, string name)
    {
        try
        {
            return ManifestIn(bucket.Find(FolderOf(kind), name)?.About)?.From;
        }
        catch (ArtifactException)
        {
            return null;
        }
    }

    private void Fetch(BucketFolders bucket, DerivedKind kind, DerivedFrom from, string path)
    {
        var name = NameOf(from);
        if (Directory.Exists(path))
        {
            _folder.Discard(path);
        }

        try
        {
            if (bucket.Find(FolderOf(kind), name) is { } manifest)
            {
                bucket.Fetch(FolderOf(kind), name, manifest, aside => _folder.Settle(aside, path, () => Damage(path, from) is null));
            }
        }
        catch (ArtifactException error)
        {
            _damaged.Add(name);
            _warn($"{error.Message} It is computed again.");
        }
    }

    private static string? Damage(string path, DerivedFrom from)
    {
        try
        {
            if (ManifestOf(path) is not { } manifest)
            {
                return $"{ManifestName} cannot be read";
            }

            if (manifest.From.Key != from.Key)
            {
                return $"{ManifestName} names another origin";
            }

            var found = Digests(path);
            return manifest.Files.Where(file => found.GetValueOrDefault(file.Key) != file.Value).Select(file => $"{file.Key} has changed").FirstOrDefault();
        }
        catch (IOException error)
        {
            return error.Message;
        }
    }

    private static Manifest? ManifestOf(string path)
    {
        try
        {
            return ManifestIn(File.ReadAllText(Path.Combine(path, ManifestName)));
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static Manifest? ManifestIn(string? text)
    {
        try
        {
            return text is not null && JsonSerializer.Deserialize<Manifest>(text, _json) is { From: { Key: not null, Needs: not null }, Files: not null } manifest ? manifest : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static SortedDictionary<string, string> Digests(string folder)
    {
        var digests = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in Directory.GetFiles(folder).Where(path => Path.GetFileName(path) != ManifestName))
        {
            using var stream = File.OpenRead(path);
            digests[Path.GetFileName(path)] = Convert.ToHexStringLower(SHA256.HashData(stream));
        }

        return digests;
    }

    private static string NameOf(DerivedFrom from) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(from.Key)));

    private string PathOf(DerivedKind kind, string name) => Path.Combine(_root, FolderOf(kind), name);

    private sealed record Manifest(DerivedFrom From, SortedDictionary<string, string> Files);
}
