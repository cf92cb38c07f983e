using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Core.Tests.Safetensors;

public class AtomicFolderTests
{
    [Fact]
    public void What_a_kill_has_left_of_the_same_folder_goes_with_the_next_write_once_it_is_a_day_old()
    {
        using var folder = new TemporaryFolder();
        var (old, young, others, foreign) = (Left("out", 25), Left("out", 23), Left("out.other", 25), folder[".out.mine.writing"]);
        Directory.CreateDirectory(foreign);
        Age(foreign, 100);

        Assert.True(AtomicFolder.Write(folder["out"], aside => File.Exists(Written(aside)), new At(Now)));

        Assert.Equal(new[] { foreign, others, folder["out"], young }.Order(), Directory.GetDirectories(folder.FullPath).Order());
        Assert.False(Directory.Exists(old));

        string Left(string target, int hours)
        {
            var path = folder[$".{target}.{Guid.NewGuid():N}.writing"];
            Directory.CreateDirectory(path);
            Age(Written(path), hours);
            Age(path, hours + 100);
            return path;
        }
    }

    private static DateTimeOffset Now { get; } = new(2026, 1, 10, 0, 0, 0, TimeSpan.Zero);

    private static string Written(string folder)
    {
        var path = Path.Combine(folder, "model.safetensors");
        File.WriteAllText(path, "x");
        return path;
    }

    private static void Age(string path, int hours) => File.SetLastWriteTimeUtc(path, (Now - TimeSpan.FromHours(hours)).UtcDateTime);

    private sealed class At(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
