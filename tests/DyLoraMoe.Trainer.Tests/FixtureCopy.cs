using DyLoraMoe.Testing;

namespace DyLoraMoe.Trainer.Tests;

/// <summary>Copies fixtures so that a test may damage them.</summary>
internal static class FixtureCopy
{
    /// <summary>Copies the files of <paramref name="source"/> into a new folder <paramref name="name"/>.</summary>
    public static string CopyOf(this TemporaryFolder folder, string source, string name)
    {
        var target = Directory.CreateDirectory(folder[name]).FullName;
        foreach (var file in Directory.EnumerateFiles(source))
        {
            // Not File.Copy: it would keep a fixture read-only.
            File.WriteAllBytes(Path.Combine(target, Path.GetFileName(file)), File.ReadAllBytes(file));
        }

        return target;
    }
}
