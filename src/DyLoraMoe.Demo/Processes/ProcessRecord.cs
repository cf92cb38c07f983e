using System.Text.Json;

namespace DyLoraMoe.Demo.Processes;

/// <summary>The processes of a system, kept in a file so that a later command finds them.</summary>
/// <param name="path">The file.</param>
internal sealed class ProcessRecord(string path)
{
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(20);

    /// <summary>Those that run still, the last started first: the order in which they are to be stopped.</summary>
    public IReadOnlyList<RunningProcess> Alive => [.. Read().Where(process => process.IsAlive).Reverse()];

    /// <summary>Writes down one more.</summary>
    public void Add(RunningProcess process)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var beside = path + ".new";
        File.WriteAllText(beside, JsonSerializer.Serialize(Read().Append(process)));
        File.Move(beside, path, overwrite: true);
    }

    /// <summary>Stops all that run, except the caller itself, and forgets them.</summary>
    /// <returns>The names of those that were stopped.</returns>
    public async Task<IReadOnlyList<string>> StopAsync(TimeProvider time)
    {
        var stopped = new List<string>();

        // A demonstration that runs stops its own system when it ends: it goes first.
        foreach (var process in Alive.Where(process => process.Id != Environment.ProcessId).OrderBy(process => process.Name != DemoProgram.Name))
        {
            if (process.IsAlive)
            {
                await process.StopAsync(process.Name == DemoProgram.Name ? 2 * _grace : _grace, time);
            }

            stopped.Add(process.Name);
        }

        if (File.Exists(path))
        {
            File.Delete(path);
        }

        return stopped;
    }

    private List<RunningProcess> Read()
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<List<RunningProcess>>(File.ReadAllText(path)) ?? [] : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
