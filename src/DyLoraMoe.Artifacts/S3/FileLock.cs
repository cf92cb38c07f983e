namespace DyLoraMoe.Artifacts.S3;

/// <summary>Lets one process of a machine at a time write to a folder of copies.</summary>
internal static class FileLock
{
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(100);

    public static IDisposable Take(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        using var wait = new ManualResetEventSlim();
        while (true)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
            }
            catch (IOException) when (File.Exists(file))
            {
                wait.Wait(_look);
            }
        }
    }
}
