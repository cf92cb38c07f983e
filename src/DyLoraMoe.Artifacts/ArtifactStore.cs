using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace DyLoraMoe.Artifacts;

/// <summary>
/// Immutable folders named by their content, in a folder of a file system. An artifact is written aside, synced and renamed, so it is
/// there whole or not at all; whoever opens one gets what its digest says, or an error that names it.
/// </summary>
/// <remarks>Several processes may publish at once: equal content meets under one name, and the later one gives way.</remarks>
public sealed class ArtifactStore
{
    private const string Aside = "writing";

    private readonly string _root;
    private readonly ConcurrentDictionary<string, bool> _verified = new(StringComparer.Ordinal);

    /// <summary>A store in <paramref name="root"/>, which is created when missing.</summary>
    /// <param name="root">The folder.</param>
    public ArtifactStore(string root)
    {
        _root = Path.GetFullPath(root);
        Directory.CreateDirectory(_root);
    }

    /// <summary>Publishes a folder.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="write">Writes the files into the folder it is given; when it throws, nothing is left behind.</param>
    /// <returns>The digest.</returns>
    public string Publish(ArtifactKind kind, Action<string> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        var aside = Path.Combine(_root, Aside, Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(aside);
        try
        {
            write(aside);
            SyncFiles(aside);
            var digest = ArtifactDigest.OfFolder(aside);
            var target = PathOf(kind, digest);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            Settle(aside, target, digest);
            _verified[target] = true;
            return digest;
        }
        finally
        {
            if (Directory.Exists(aside))
            {
                Directory.Delete(aside, recursive: true);
            }
        }
    }

    /// <summary>The folder of an artifact, verified against its digest the first time that this process asks for it.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="digest">Its digest.</param>
    /// <exception cref="ArtifactException">It is missing or damaged.</exception>
    public string Open(ArtifactKind kind, string digest)
    {
        var path = PathOf(kind, digest);
        if (!Directory.Exists(path))
        {
            throw new ArtifactException($"The {NameOf(kind)} {digest} is not in {_root}; restore it from a backup, or publish it again.");
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
    public bool Contains(ArtifactKind kind, string digest) => Directory.Exists(PathOf(kind, digest));

    /// <summary>Digests of all artifacts of a kind, in order.</summary>
    /// <param name="kind">What they are.</param>
    public IReadOnlyList<string> List(ArtifactKind kind)
    {
        var folder = Path.Combine(_root, FolderOf(kind));
        return !Directory.Exists(folder) ? [] :
            [.. Directory.GetDirectories(folder).Select(path => ArtifactDigest.Prefix + Path.GetFileName(path)).Order(StringComparer.Ordinal)];
    }

    /// <summary>Removes an artifact; one that is not there is no error.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="digest">Its digest.</param>
    public void Remove(ArtifactKind kind, string digest)
    {
        var path = PathOf(kind, digest);
        _verified.TryRemove(path, out _);
        if (!Directory.Exists(path))
        {
            return;
        }

        // Renamed away first: a reader never meets half an artifact.
        var aside = Path.Combine(_root, Aside, Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(Path.GetDirectoryName(aside)!);
        Directory.Move(path, aside);
        Directory.Delete(aside, recursive: true);
    }

    /// <summary>Removes what killed processes left half-written. Only the one process that owns the store may call this.</summary>
    public void RemoveAbandoned()
    {
        var aside = Path.Combine(_root, Aside);
        if (Directory.Exists(aside))
        {
            Directory.Delete(aside, recursive: true);
        }
    }

    private static void Settle(string aside, string target, string digest)
    {
        if (Directory.Exists(target) && ArtifactDigest.OfFolder(target) != digest)
        {
            // What is there is damaged, and here is the sound copy.
            Directory.Delete(target, recursive: true);
        }

        try
        {
            if (!Directory.Exists(target))
            {
                Directory.Move(aside, target);
            }
        }
        catch (IOException) when (Directory.Exists(target))
        {
            // Another process published the same content first.
        }
    }

    private static void SyncFiles(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            stream.Flush(flushToDisk: true);
        }
    }

    private string PathOf(ArtifactKind kind, string digest) => Path.Combine(_root, FolderOf(kind), ArtifactDigest.Hex(digest));

    private static string FolderOf(ArtifactKind kind) => NameOf(kind) + "s";

    [SuppressMessage("Globalization", "CA1308", Justification = "A folder's name.")]
    private static string NameOf(ArtifactKind kind) => kind.ToString().ToLowerInvariant();
}
