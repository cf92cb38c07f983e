using DyLoraMoe.Testing;
using DyLoraMoe.Trainer.CommandLine;

namespace DyLoraMoe.Trainer.Tests.CommandLine;

public sealed class FolderLockTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_folder_that_is_held_is_in_use()
    {
        using var held = FolderLock.Take(_folder["held"]);

        var error = Assert.Throws<InvalidDataException>(() => FolderLock.Take(_folder["held"]));

        Assert.Equal($"{_folder["held"]} is in use by another process; wait for it to end.", error.Message);
    }

    [Fact]
    public void Whoever_takes_a_folder_removes_what_killed_writers_left_and_nothing_else()
    {
        Directory.CreateDirectory(_folder["taken"]);
        string[] mine = ["report.json", "notes.tmp", "report.json.1.tmp"];
        foreach (var name in mine.Append($"report.json.4711.{Guid.NewGuid():N}.tmp"))
        {
            File.WriteAllText(_folder["taken/" + name], "{");
        }

        using var held = FolderLock.Take(_folder["taken"]);

        Assert.Equal(mine.Append(FolderLock.FileName).Order(StringComparer.Ordinal), Directory.GetFiles(_folder["taken"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_file_that_cannot_be_opened_for_another_reason_is_not_called_in_use()
    {
        File.CreateSymbolicLink(_folder["lock"], "lock");

        Assert.DoesNotContain("in use", Assert.Throws<IOException>(() => FolderLock.Open(_folder.FullPath)).Message, StringComparison.Ordinal);
        Assert.Throws<DirectoryNotFoundException>(() => FolderLock.Open(_folder["missing"]));
    }

    public void Dispose() => _folder.Dispose();
}
