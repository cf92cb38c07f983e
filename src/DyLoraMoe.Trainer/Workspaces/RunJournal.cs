using System.Text.Json;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Trainer.CommandLine;

namespace DyLoraMoe.Trainer.Workspaces;

/// <summary>
/// The finished phases of one run, each with its result. A phase that is in the journal is not done again, so a killed run goes on at
/// the phase that it was killed in; phases must therefore be safe to run twice, and give the same result both times.
/// </summary>
internal sealed class RunJournal
{
    private readonly string _file;
    private readonly Action _saved;
    private readonly SortedDictionary<string, JsonElement> _phases;

    /// <summary>Opens the journal of a run, empty when the run is new.</summary>
    /// <param name="folder">The run's own folder; created when missing.</param>
    /// <param name="saved">Called whenever the journal has changed; nothing when null.</param>
    public RunJournal(string folder, Action? saved = null)
    {
        _saved = saved ?? (() => { });
        Directory.CreateDirectory(folder);
        Folder = folder;
        _file = Path.Combine(folder, "journal.json");
        _phases = File.Exists(_file)
            ? JsonSerializer.Deserialize<SortedDictionary<string, JsonElement>>(File.ReadAllText(_file))!
            : new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
    }

    /// <summary>The run's folder, for checkpoints.</summary>
    public string Folder { get; }

    /// <summary>Lets a phase be done again.</summary>
    /// <param name="phase">The phase's name.</param>
    public void Forget(string phase)
    {
        if (_phases.Remove(phase))
        {
            Write();
        }
    }

    /// <summary>The result of a phase, from the journal or by running it.</summary>
    /// <param name="phase">The phase's name.</param>
    /// <param name="run">Runs it; the result must survive JSON.</param>
    public T Do<T>(string phase, Func<T> run)
    {
        if (_phases.TryGetValue(phase, out var done))
        {
            return JsonText.Parse<T>(done);
        }

        var result = run();
        _phases[phase] = JsonText.Element(result);
        Write();

        // What a resumed run will read, so that both runs go on with the very same values.
        return JsonText.Parse<T>(_phases[phase]);
    }

    private void Write()
    {
        AtomicFile.WriteText(_file, JsonText.Of(_phases));
        _saved();
    }
}
