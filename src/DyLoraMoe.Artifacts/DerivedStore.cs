using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

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
/// <param name="root">The store's folder.</param>
/// <param name="warn">Told of what is damaged.</param>
/// <param name="time">The clock that ages are told by; the system's when null.</param>
public sealed class DerivedStore(string root, Action<string> warn, TimeProvider? time = null)
{
    private const string ManifestName = "derived.json";

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly string _root = Path.GetFullPath(root);
    private readonly StoreFolder _folder = new(Path.GetFullPath(root), time ?? TimeProvider.System);

    /// <summary>The folder with what was derived, every byte checked.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="from">What it was derived from.</param>
    /// <returns>The folder; null when it is not there or is damaged.</returns>
    public string? Find(DerivedKind kind, DerivedFrom from)
    {
        ArgumentNullException.ThrowIfNull(from);
        var path = PathOf(kind, NameOf(from));
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
            warn($"{path} is damaged ({damage}) and is computed again");
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
                _folder.Settle(aside, target, () => Damage(target, from) is null);
                return target;
            });
    }

    /// <summary>Everything of a kind.</summary>
    /// <param name="kind">What it is.</param>
    public IReadOnlyList<DerivedEntry> List(DerivedKind kind)
    {
        var folder = Path.Combine(_root, FolderOf(kind));
        return !Directory.Exists(folder) ? [] :
            [.. Directory.GetDirectories(folder).Order(StringComparer.Ordinal).Select(path => new DerivedEntry(Path.GetFileName(path), ManifestOf(path)?.From))];
    }

    /// <summary>Removes something that was not published since a moment.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="name">Its folder's name.</param>
    /// <param name="since">The moment.</param>
    /// <returns>Its size in bytes; null when it stays or is not there.</returns>
    public long? RemoveIfOlder(DerivedKind kind, string name, DateTimeOffset since) => _folder.DiscardIfOlder(PathOf(kind, name), since);

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
            return JsonSerializer.Deserialize<Manifest>(File.ReadAllText(Path.Combine(path, ManifestName)), _json) is { From: { Key: not null, Needs: not null }, Files: not null } manifest ? manifest : null;
        }
        catch (Exception error) when (error is IOException or JsonException)
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

    private static string FolderOf(DerivedKind kind) => kind == DerivedKind.Features ? "features" : "results";

    private string PathOf(DerivedKind kind, string name) => Path.Combine(_root, FolderOf(kind), name);

    private sealed record Manifest(DerivedFrom From, SortedDictionary<string, string> Files);
}
