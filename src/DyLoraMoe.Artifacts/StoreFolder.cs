namespace DyLoraMoe.Artifacts;

/// <summary>
/// How folders get into a store and out of it: written aside, synced and renamed, and renamed aside before they are deleted. A reader never meets half
/// a folder, whoever is killed. A folder's age is the time since it was last published.
/// </summary>
internal sealed class StoreFolder
{
    // Another process may take away or put there what this one looks at; every turn is against another such moment.
    private const int MostTurns = 16;

    private readonly string _aside;
    private readonly TimeProvider _time;

    public StoreFolder(string root, TimeProvider time)
    {
        _aside = Path.Combine(root, "writing");
        _time = time;
        Directory.CreateDirectory(root);
    }

    /// <summary>Writes a folder aside and hands it on; what is left of it afterwards is removed.</summary>
    public T Publish<T>(Action<string> write, Func<string, T> settle)
    {
        var aside = NewAside();
        Directory.CreateDirectory(aside);
        try
        {
            write(aside);
            SyncFiles(aside);
            return settle(aside);
        }
        finally
        {
            Delete(aside);
        }
    }

    /// <summary>Brings a folder to its place, unless a sound copy is there already; that one is renewed.</summary>
    public void Settle(string aside, string target, Func<bool> isSound)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        for (var turn = 0; turn < MostTurns; turn++)
        {
            if (Directory.Exists(target))
            {
                if (!IsSound(isSound))
                {
                    // What is there is damaged, and here is the sound copy.
                    Discard(target);
                }
                else if (Renew(target))
                {
                    return;
                }
            }

            try
            {
                Renew(aside);
                Directory.Move(aside, target);
                return;
            }
            catch (IOException) when (Directory.Exists(target))
            {
                // Another process published the same first.
            }
        }

        throw new ArtifactException($"{target} is removed and published again all the time; let only one process collect what is old.");
    }

    /// <summary>Removes a folder.</summary>
    public void Discard(string path) => DiscardIfOlder(path, DateTimeOffset.MaxValue);

    /// <summary>Whether a folder was published since a moment.</summary>
    public static bool IsYounger(string path, DateTimeOffset since) => Directory.Exists(path) && Published(path) > since;

    /// <summary>Removes a folder that was not published since a moment.</summary>
    /// <returns>Its size; null when it stays or is not there.</returns>
    public long? DiscardIfOlder(string path, DateTimeOffset since)
    {
        if (!Directory.Exists(path) || Published(path) > since)
        {
            return null;
        }

        var aside = NewAside();
        try
        {
            Directory.CreateDirectory(_aside);
            Directory.Move(path, aside);
        }
        catch (IOException) when (!Directory.Exists(path))
        {
            return null;
        }

        if (Published(aside) > since)
        {
            // Somebody renewed it between the look and the move.
            GiveBack(aside, path);
            return null;
        }

        var size = SizeOf(aside);
        Delete(aside);
        return size;
    }

    /// <summary>Removes what was left aside and not been written to since a moment.</summary>
    public (int Removed, long Bytes) RemoveAbandoned(DateTimeOffset since)
    {
        var (removed, bytes) = (0, 0L);
        foreach (var folder in Directory.Exists(_aside) ? Directory.GetDirectories(_aside) : [])
        {
            if (Newest(folder) <= since)
            {
                (removed, bytes) = (removed + 1, bytes + SizeOf(folder));
                Delete(folder);
            }
        }

        return (removed, bytes);
    }

    /// <summary>Bytes of a folder's files.</summary>
    public static long SizeOf(string folder)
    {
        try
        {
            return new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>When anything in a folder was last written.</summary>
    public static DateTimeOffset Newest(string folder)
    {
        try
        {
            return new DirectoryInfo(folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
                .Select(entry => new DateTimeOffset(entry.LastWriteTimeUtc)).Append(Published(folder)).Max();
        }
        catch (IOException)
        {
            // Somebody is at work in it.
            return DateTimeOffset.MaxValue;
        }
    }

    /// <summary>Removes a folder in which nothing was written since a moment.</summary>
    /// <returns>Its size; null when it stays.</returns>
    public static long? DeleteIfOlder(string folder, DateTimeOffset since)
    {
        if (Newest(folder) > since)
        {
            return null;
        }

        var size = SizeOf(folder);
        Delete(folder);
        return size;
    }

    /// <summary>Removes a folder that another process may be removing too.</summary>
    public static void Delete(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        catch (DirectoryNotFoundException)
        {
            // The other one was faster.
        }
    }

    private static DateTimeOffset Published(string folder) => new(Directory.GetLastWriteTimeUtc(folder));

    private static void GiveBack(string aside, string path)
    {
        try
        {
            Directory.Move(aside, path);
        }
        catch (IOException) when (Directory.Exists(path))
        {
            Delete(aside);
        }
    }

    /// <summary>Sets a folder's age to nothing.</summary>
    /// <returns>False when it is not there, or was taken away at that moment.</returns>
    public bool Renew(string folder)
    {
        try
        {
            Directory.SetLastWriteTimeUtc(folder, _time.GetUtcNow().UtcDateTime);
            return Directory.Exists(folder);
        }
        catch (IOException) when (!Directory.Exists(folder))
        {
            return false;
        }
    }

    private static bool IsSound(Func<bool> isSound)
    {
        try
        {
            return isSound();
        }
        catch (IOException)
        {
            return false;
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

    private string NewAside() => Path.Combine(_aside, Guid.NewGuid().ToString("N"));
}
