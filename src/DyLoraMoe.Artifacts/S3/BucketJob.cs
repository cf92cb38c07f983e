namespace DyLoraMoe.Artifacts.S3;

/// <summary>
/// A job's own folder: on this machine while it runs, and in the bucket as it was at the last save, whole. Whoever goes on with the job, on whatever machine, begins with that.
/// </summary>
internal sealed class BucketJob : IJobFolder
{
    private const string Kind = StoreLayout.Checkpoints;

    private readonly BucketFolders _folders;
    private readonly BucketLease _lease;
    private readonly string _name;
    private HashSet<string> _there = new(StringComparer.Ordinal);

    private BucketJob(BucketFolders folders, BucketLease lease, string name, string folder) => (_folders, _lease, _name, Path) = (folders, lease, name, folder);

    /// <inheritdoc/>
    public string Path { get; }

    /// <summary>Waits until nobody else works on the job, and fetches what there is of it.</summary>
    public static BucketJob Take(BucketFolders folders, string name, string folder, Action<string> say, CancellationToken stop)
    {
        var lease = BucketLease.Take(folders.Bucket, name, say, stop);
        try
        {
            var job = new BucketJob(folders, lease, name, folder);
            job.Restore(say);
            return job;
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Save()
    {
        var manifest = FolderManifest.Of(Path, byContent: true, IsKept);
        var needed = manifest.Files.Select(file => file.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var file in manifest.Files.DistinctBy(file => file.Name).Where(file => !_there.Contains(file.Name)))
        {
            _folders.Bucket.Upload(KeyOf(file.Name), System.IO.Path.Combine(Path, file.Path));
        }

        _folders.Bucket.Put($"{Kind}/{_name}.json", manifest.Write());
        _folders.Bucket.Delete(_there.Except(needed).Select(KeyOf));
        _there = needed;
    }

    /// <inheritdoc/>
    public void Dispose() => _lease.Dispose();

    private void Restore(Action<string> say)
    {
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }

        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        try
        {
            if (_folders.Find(Kind, _name) is { } manifest)
            {
                _folders.Fetch(Kind, _name, manifest, aside => Directory.Move(aside, Path));
                _there = manifest.Files.Select(file => file.Name).ToHashSet(StringComparer.Ordinal);
            }
        }
        catch (ArtifactException error)
        {
            // What is lost is time, no more.
            say($"the job begins afresh: {error.Message}");
        }

        Directory.CreateDirectory(Path);

        // What a try that was killed had sent, and not yet listed.
        _folders.Bucket.Delete(_folders.Bucket.List($"{Kind}/{_name}/").Select(entry => entry.Key).Except(_there.Select(KeyOf)));
    }

    private string KeyOf(string name) => $"{Kind}/{_name}/{name}";

    // Not what is only written aside, and renamed when it is whole.
    private static bool IsKept(string path) => !path.EndsWith(".tmp", StringComparison.Ordinal) && !path.Split('/').Any(part => part.StartsWith("writing-", StringComparison.Ordinal));
}
