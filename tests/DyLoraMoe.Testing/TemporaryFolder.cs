namespace DyLoraMoe.Testing;

/// <summary>A folder that is gone after the test.</summary>
public sealed class TemporaryFolder : IDisposable
{
    /// <summary>The folder's full path.</summary>
    public string FullPath { get; } = Directory.CreateTempSubdirectory("dylora-test-").FullName;

    /// <summary>A path in the folder.</summary>
    /// <param name="name">File name.</param>
    public string this[string name] => Path.Combine(FullPath, name);

    /// <summary>Removes the folder and everything in it.</summary>
    public void Dispose() => Directory.Delete(FullPath, recursive: true);
}
