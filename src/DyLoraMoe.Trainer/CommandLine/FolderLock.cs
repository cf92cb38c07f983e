using DyLoraMoe.Core.Safetensors;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>
/// Keeps folders for one process at a time: a file in each of them is open for as long as they are held. The system closes it with the process, so that one that was killed keeps nobody out.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    /// <summary>The file.</summary>
    public const string FileName = "lock";

    // What the runtime gives a file that is open elsewhere: EWOULDBLOCK of Linux and of macOS, ERROR_SHARING_VIOLATION of Windows.
    private static readonly int[] _inUse = [11, 35, unchecked((int)0x80070020)];

    private readonly List<(string Folder, FileStream File)> _taken = [];

    private FolderLock()
    {
    }

    /// <summary>Takes folders, all of them or none, and removes what writers that were killed left in them.</summary>
    /// <param name="folders">The folders; made when missing.</param>
    /// <exception cref="InvalidDataException">Another process has one of them; the message names it.</exception>
    public static FolderLock Take(params ReadOnlySpan<string> folders)
    {
        var taken = new FolderLock();
        try
        {
            foreach (var folder in folders.ToArray().Select(Path.GetFullPath).Distinct(StringComparer.Ordinal))
            {
                Directory.CreateDirectory(folder);
                taken._taken.Add((folder, Open(folder, FileOptions.DeleteOnClose)));
                AtomicFile.RemoveAbandoned(folder);
            }

            return taken;
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    /// <summary>Opens a folder's file for this process alone.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">What becomes of the file.</param>
    /// <exception cref="InvalidDataException">Another process has it.</exception>
    /// <exception cref="IOException">It cannot be opened for another reason.</exception>
    public static FileStream Open(string folder, FileOptions options = FileOptions.None)
    {
        try
        {
            return new FileStream(Path.Combine(folder, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, options);
        }
        catch (IOException error) when (_inUse.Contains(error.HResult))
        {
            throw new InvalidDataException($"{folder} is in use by another process; wait for it to end.", error);
        }
    }

    /// <summary>Lets others have the folders; those in which nothing is left are removed.</summary>
    public void Dispose()
    {
        foreach (var (folder, file) in Enumerable.Reverse(_taken))
        {
            file.Dispose();
            if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any())
            {
                Directory.Delete(folder);
            }
        }
    }
}
