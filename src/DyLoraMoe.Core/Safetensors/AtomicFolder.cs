namespace DyLoraMoe.Core.Safetensors;

/// <summary>Makes a folder in one step: written aside, then renamed. A kill at any moment leaves the whole folder or none.</summary>
public static class AtomicFolder
{
    private const string Ending = ".writing";

    // No model takes a day between two of its files.
    private static readonly TimeSpan _abandoned = TimeSpan.FromDays(1);

    /// <summary>Refuses a place that is taken.</summary>
    /// <param name="target">The folder that is to be made.</param>
    /// <exception cref="IOException">It exists.</exception>
    public static void RefuseExisting(string target)
    {
        if (Path.Exists(target))
        {
            throw new IOException($"{target} exists already; name a new folder for the result.");
        }
    }

    /// <summary>Makes the folder.</summary>
    /// <param name="target">The folder; must not exist.</param>
    /// <param name="write">Writes into the folder that it is given; false publishes nothing, and so does an exception.</param>
    /// <param name="time">The clock that tells what a kill has left here from what another process is writing; the system's when null.</param>
    /// <returns>Whether the folder is there.</returns>
    /// <exception cref="IOException">The target exists.</exception>
    public static bool Write(string target, Func<string, bool> write, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(write);
        var place = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target));
        RefuseExisting(place);
        RemoveAbandoned(place, (time ?? TimeProvider.System).GetUtcNow() - _abandoned);
        var aside = Path.Combine(Path.GetDirectoryName(place)!, $"{Beginning(place)}{Guid.NewGuid():N}{Ending}");
        Directory.CreateDirectory(aside);
        try
        {
            if (!write(aside))
            {
                return false;
            }

            RefuseExisting(place);
            Directory.Move(aside, place);
            return true;
        }
        finally
        {
            if (Directory.Exists(aside))
            {
                Directory.Delete(aside, recursive: true);
            }
        }
    }

    private static string Beginning(string place) => $".{Path.GetFileName(place)}.";

    private static void RemoveAbandoned(string place, DateTimeOffset since)
    {
        var (parent, beginning) = (Path.GetDirectoryName(place)!, Beginning(place));
        foreach (var left in Directory.Exists(parent) ? Directory.GetDirectories(parent) : [])
        {
            var name = Path.GetFileName(left.AsSpan());
            if (name.StartsWith(beginning, StringComparison.Ordinal) && name.EndsWith(Ending, StringComparison.Ordinal) && Guid.TryParseExact(name[beginning.Length..^Ending.Length], "N", out _))
            {
                RemoveIfOlder(left, since);
            }
        }
    }

    private static void RemoveIfOlder(string left, DateTimeOffset since)
    {
        try
        {
            if (Written(left) < since)
            {
                Directory.Delete(left, recursive: true);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Another process has just finished it, or it is another user's: either way it is in nobody's way.
        }
    }

    private static DateTimeOffset Written(string folder) =>
        Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Append(folder).Max(path => new DateTimeOffset(File.GetLastWriteTimeUtc(path)));
}
