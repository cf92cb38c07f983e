using System.Runtime.ExceptionServices;
using System.Text;
using Amazon.S3;
using DyLoraMoe.Api.Conditions;

namespace DyLoraMoe.Artifacts.S3;

/// <summary>
/// Named folders in a bucket: <c>KIND/NAME.json</c> lists the files, <c>KIND/NAME/...</c> holds them. The list is written after all files and removed before any, so a folder is
/// there whole or not at all. A folder's age is the time since it was published or renewed, by the store's clock.
/// </summary>
/// <remarks>
/// Two marks keep whoever publishes and whoever removes apart, without any conditional writes. Who publishes or renews writes <c>NAME.used</c> and then waits until there is no
/// <c>NAME.removing</c>; who removes writes <c>NAME.removing</c> and then looks for a young <c>NAME.used</c>. Whichever mark is written second is seen by the other side. Who
/// removes whatever its age does not look, so whoever has published looks whether all of it is there, and else does it again.
/// </remarks>
internal sealed class BucketFolders(S3Bucket bucket, string cache)
{
    private const string List = ".json";
    private const string Used = ".used";
    private const string Removing = ".removing";

    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(200);

    private (DateTimeOffset Here, TimeSpan Ahead)? _clock;

    public S3Bucket Bucket => bucket;

    /// <summary>Publishes a folder whose name says its content; one that is there stays, is mended where it is damaged, and counts as just published.</summary>
    public void Publish(string kind, string name, string folder)
    {
        var manifest = FolderManifest.Of(folder, byContent: false);
        do
        {
            Claim(kind, name);
            Send(kind, name, folder, manifest);
            bucket.Put(At(kind, name, List), manifest.Write());
        }
        while (!IsWhole(kind, name, manifest));
    }

    /// <summary>Publishes a folder whose content differs with whoever makes it; of several the first stays.</summary>
    /// <returns>False when another one is there already.</returns>
    public bool PublishFirst(string kind, string name, string folder, string about, bool replaces)
    {
        FolderManifest? manifest = null;
        do
        {
            Claim(kind, name);
            if (!replaces && Contains(kind, name))
            {
                return false;
            }

            manifest ??= FolderManifest.Of(folder, byContent: true) with { About = about };
            Send(kind, name, folder, manifest);
            if (!bucket.Put(At(kind, name, List), manifest.Write(), mustBeNew: !replaces))
            {
                return false;
            }

            // From here on the list is this one, should its files be missing.
            replaces = true;
        }
        while (!IsWhole(kind, name, manifest));
        return true;
    }

    /// <summary>The list of a folder's files; null when there is no such folder.</summary>
    /// <exception cref="ArtifactException">It cannot be read.</exception>
    public FolderManifest? Find(string kind, string name) =>
        bucket.Read(At(kind, name, List)) is { } content ? FolderManifest.Read(content, $"{bucket.Name}/{At(kind, name, List)}") : null;

    public bool Contains(string kind, string name) => bucket.Find(At(kind, name, List)) is not null;

    /// <summary>Fetches a folder's files aside, each checked against its digest; what was fetched before a cut is not fetched again.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="name">Its name.</param>
    /// <param name="manifest">Its files.</param>
    /// <param name="settle">Moves them from where they are.</param>
    /// <exception cref="ArtifactException">A file is missing or damaged.</exception>
    public void Fetch(string kind, string name, FolderManifest manifest, Action<string> settle)
    {
        var aside = Path.Combine(cache, "incoming", $"{kind}-{name}");
        using var alone = FileLock.Take(aside + ".lock");
        foreach (var superfluous in Files(aside).Except(manifest.Files.Select(file => file.Path)))
        {
            File.Delete(Path.Combine(aside, superfluous));
        }

        Directory.CreateDirectory(aside);
        InParallel(manifest.Files, file => FetchFile(kind, name, file, aside));
        settle(aside);
    }

    /// <summary>Makes a folder as young as one that was just published.</summary>
    /// <returns>Whether it is there.</returns>
    public bool Renew(string kind, string name)
    {
        if (!Contains(kind, name))
        {
            return false;
        }

        Claim(kind, name);
        return Contains(kind, name);
    }

    /// <summary>Names of all folders of a kind.</summary>
    public IReadOnlyList<string> Names(string kind) => [.. Marks(kind).Where(mark => mark.What == List).Select(mark => mark.Name).Order(StringComparer.Ordinal)];

    /// <summary>Removes a folder that was not published or renewed since a moment.</summary>
    /// <returns>Its size; null when it stays or is not there.</returns>
    public long? RemoveIfOlder(string kind, string name, DateTimeOffset since)
    {
        if (IsYoung(kind, name, since))
        {
            return null;
        }

        bucket.Put(At(kind, name, Removing), Encoding.UTF8.GetBytes(Guid.NewGuid().ToString("N")));
        var begun = bucket.Time.GetTimestamp();
        try
        {
            // Looked at again: somebody may have claimed it before the mark was there.
            var files = bucket.List(At(kind, name, "/"));
            if (IsYoung(kind, name, since) || IsLate())
            {
                return null;
            }

            bucket.Delete([At(kind, name, List)]);
            if (IsLate())
            {
                return null;
            }

            bucket.Delete([.. files.Select(file => file.Key), At(kind, name, Used)]);
            return files.Sum(file => file.Size);
        }
        finally
        {
            bucket.Delete([At(kind, name, Removing)]);
        }

        // Others take the mark for left behind after a while, and go on.
        bool IsLate() => bucket.Time.GetElapsedTime(begun) > bucket.Options.LeasePatience / 2;
    }

    /// <summary>Removes what killed processes left half-written or half-removed, when it was not written to since a moment; says so where uploads have to stay.</summary>
    public (int Removed, long Bytes) RemoveAbandoned(IEnumerable<string> kinds, DateTimeOffset since, Action<string> say)
    {
        var (removed, bytes) = (0, 0L);
        foreach (var kind in kinds)
        {
            var (entries, folders) = bucket.ListFolder(kind);
            var whole = Marks(kind, entries).Where(mark => mark.What == List).Select(mark => mark.Name).ToHashSet(StringComparer.Ordinal);
            foreach (var name in folders.Concat(Marks(kind, entries).Where(mark => mark.What != Removing).Select(mark => mark.Name)).Distinct(StringComparer.Ordinal).Where(name => !whole.Contains(name)).ToList())
            {
                if (bucket.List(At(kind, name, "/")).All(file => file.Modified <= Moment(since)) && RemoveIfOlder(kind, name, since) is { } freed)
                {
                    (removed, bytes) = (removed + 1, bytes + freed);
                }
            }
        }

        try
        {
            foreach (var upload in bucket.Uploads("").Where(upload => upload.Begun <= Moment(since)))
            {
                bucket.Abort(upload);
                removed++;
            }
        }
        catch (Exception error) when (error is AmazonS3Exception or S3Exception { Reason: Reasons.AccessDenied })
        {
            // Not allowed, or not known to the store. Nobody reads them, and a rule of the bucket can abort them too: all else that was to be removed is.
            say($"uploads that were begun and not ended stay: {error.Message}");
        }

        return (removed, bytes);
    }

    /// <summary>A moment by the store's clock.</summary>
    public DateTimeOffset Moment(DateTimeOffset here)
    {
        if (here == DateTimeOffset.MaxValue)
        {
            return here;
        }

        var now = bucket.Time.GetUtcNow();
        if (_clock is not { } known || now - known.Here > TimeSpan.FromMinutes(10))
        {
            const string Key = "clock";
            bucket.Put(Key, Encoding.UTF8.GetBytes(Guid.NewGuid().ToString("N")));
            known = (now, (bucket.Find(Key)?.Modified ?? now) - now);
            _clock = known;
        }

        return here + known.Ahead;
    }

    private static string At(string kind, string name, string what) => $"{kind}/{name}{what}";

    private static IEnumerable<string> Files(string folder) => !Directory.Exists(folder) ? [] :
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder, path));

    private static IEnumerable<(string Name, string What, S3Entry Entry)> Marks(string kind, IReadOnlyList<S3Entry> entries) => entries
        .Select(entry => (Name: entry.Key[(kind.Length + 1)..], Entry: entry))
        .Select(each => (Path.GetFileNameWithoutExtension(each.Name), Path.GetExtension(each.Name), each.Entry));

    private IEnumerable<(string Name, string What, S3Entry Entry)> Marks(string kind) => Marks(kind, bucket.ListFolder(kind).Entries);

    /// <summary>Whether a folder was published or renewed since a moment.</summary>
    public bool IsYoung(string kind, string name, DateTimeOffset since)
    {
        var moment = Moment(since);
        return bucket.List($"{kind}/{name}.").Any(mark => (mark.Key == At(kind, name, List) || mark.Key == At(kind, name, Used)) && mark.Modified > moment);
    }

    // From here on nobody begins to remove it, and nobody who has begun goes on.
    private void Claim(string kind, string name)
    {
        bucket.Put(At(kind, name, Used), Encoding.UTF8.GetBytes(Guid.NewGuid().ToString("N")));
        (string ETag, long Since)? seen = null;
        while (bucket.Find(At(kind, name, Removing)) is { } mark)
        {
            if (seen?.ETag != mark.ETag)
            {
                seen = (mark.ETag, bucket.Time.GetTimestamp());
            }
            else if (bucket.Time.GetElapsedTime(seen.Value.Since) > bucket.Options.LeasePatience)
            {
                bucket.Delete([mark.Key]);
            }

            Task.Delay(_look, bucket.Time).GetAwaiter().GetResult();
        }
    }

    private bool IsWhole(string kind, string name, FolderManifest manifest)
    {
        // The marks first: what begins to remove it later removes the list too.
        var marks = bucket.List($"{kind}/{name}.").Select(mark => mark.Key).ToHashSet(StringComparer.Ordinal);
        var files = bucket.List(At(kind, name, "/")).Select(file => file.Key).ToHashSet(StringComparer.Ordinal);
        return marks.Contains(At(kind, name, List)) && !marks.Contains(At(kind, name, Removing)) && manifest.Files.All(file => files.Contains(At(kind, name, "/" + file.Name)));
    }

    private void Send(string kind, string name, string folder, FolderManifest manifest)
    {
        var there = bucket.List(At(kind, name, "/")).ToDictionary(entry => entry.Key, StringComparer.Ordinal);
        InParallel(manifest.Files, file =>
        {
            var (key, path) = (At(kind, name, "/" + file.Name), Path.Combine(folder, file.Path));
            if (!there.TryGetValue(key, out var known) || known.Size != file.Size || known.ETag != S3Upload.ETagOf(path, bucket.Options))
            {
                bucket.Upload(key, path);
            }
        });
    }

    private void InParallel(IReadOnlyList<FolderFile> files, Action<FolderFile> action)
    {
        try
        {
            Parallel.ForEach(files, new ParallelOptions { MaxDegreeOfParallelism = bucket.Options.Parallel }, action);
        }
        catch (AggregateException error)
        {
            // Whoever catches it wants to know what it was.
            ExceptionDispatchInfo.Throw(error.InnerExceptions[0]);
        }
    }

    private void FetchFile(string kind, string name, FolderFile file, string aside)
    {
        var (key, path) = (At(kind, name, "/" + file.Name), Path.Combine(aside, file.Path));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);

        // A file that was begun by another version of it, or on a disk that lost its end, is fetched once more from its beginning.
        for (var turn = 0; turn < 2; turn++)
        {
            Receive(new S3Entry(key, file.Size, "", default), path, $"{kind}/{name}");
            if (FolderManifest.Digest(path) == file.Sha256)
            {
                return;
            }

            File.Delete(path);
        }

        throw new ArtifactException($"{bucket.Name}/{kind}/{name} is damaged: {file.Path} has not the digest {file.Sha256}. Remove it and restore it from a backup, or publish it again.");
    }

    private void Receive(S3Entry entry, string path, string what)
    {
        try
        {
            bucket.Download(entry, path);
        }
        catch (FileNotFoundException error)
        {
            throw new ArtifactException($"{bucket.Name}/{what} is damaged: {entry.Key} is missing. Remove it and restore it from a backup, or publish it again.", error);
        }
    }
}
