using System.Text;
using System.Text.RegularExpressions;

namespace DyLoraMoe.Core.Safetensors;

/// <summary>Replaces a file in one step: write aside, sync to disk, rename.</summary>
public static partial class AtomicFile
{
    /// <summary>Runs <paramref name="write"/> on a temporary file beside <paramref name="path"/> and renames it when that succeeds.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="write">Writes the content; when it throws, nothing is left behind.</param>
    public static void Write(string path, Action<Stream> write) => WriteIf(path, write, () => true);

    /// <summary>As <see cref="Write"/>, unless the content is not meant any more once it is on the disk.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="write">Writes the content; when it throws, nothing is left behind.</param>
    /// <param name="isStillMeant">Asked right before the renaming; where it says no, nothing is left behind either.</param>
    /// <returns>Whether it was meant.</returns>
    public static bool WriteIf(string path, Action<Stream> write, Func<bool> isStillMeant)
    {
        ArgumentNullException.ThrowIfNull(write);
        ArgumentNullException.ThrowIfNull(isStillMeant);
        var aside = $"{path}.{Environment.ProcessId}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(aside, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            if (!isStillMeant())
            {
                File.Delete(aside);
                return false;
            }

            File.Move(aside, path, overwrite: true);
            return true;
        }
        catch
        {
            File.Delete(aside);
            throw;
        }
    }

    /// <summary>Replaces <paramref name="path"/> by <paramref name="text"/> in UTF-8.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="text">The whole content.</param>
    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    /// <summary>Removes what writers that were killed left in a folder. For whoever knows that nobody else writes there now.</summary>
    /// <param name="folder">The folder; may be missing.</param>
    /// <param name="search">Whether folders in it are meant too.</param>
    public static void RemoveAbandoned(string folder, SearchOption search = SearchOption.TopDirectoryOnly)
    {
        if (Directory.Exists(folder))
        {
            foreach (var aside in Directory.EnumerateFiles(folder, "*.tmp", search).Where(path => IsAside().IsMatch(path)))
            {
                File.Delete(aside);
            }
        }
    }

    [GeneratedRegex(@"\.\d+\.[0-9a-f]{32}\.tmp$")]
    private static partial Regex IsAside();
}
