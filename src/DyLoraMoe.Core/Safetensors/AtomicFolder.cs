namespace DyLoraMoe.Core.Safetensors;

/// <summary>Makes a folder in one step: written aside, then renamed. A kill at any moment leaves the whole folder or none.</summary>
public static class AtomicFolder
{
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
    /// <returns>Whether the folder is there.</returns>
    /// <exception cref="IOException">The target exists.</exception>
    public static bool Write(string target, Func<string, bool> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        var place = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target));
        RefuseExisting(place);
        var aside = Path.Combine(Path.GetDirectoryName(place)!, $".{Path.GetFileName(place)}.{Guid.NewGuid():N}.writing");
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
}
