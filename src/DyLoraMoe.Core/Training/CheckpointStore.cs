using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using DyLoraMoe.Core.Safetensors;

namespace DyLoraMoe.Core.Training;

/// <summary>
/// A folder of checkpoints, each a folder of files with a manifest of their digests. A checkpoint is written aside and renamed, so
/// that it exists whole or not at all, and what a disk has damaged since is found before it is used.
/// </summary>
/// <param name="folder">The folder; created when needed.</param>
/// <param name="keep">Checkpoints to keep.</param>
internal sealed class CheckpointStore(string folder, int keep)
{
    private const string Prefix = "checkpoint-";
    private const string Aside = "writing-";
    private const string ManifestName = "manifest.json";
    private const string StateFile = "state.json";

    /// <summary>The newest checkpoint that is whole, and its state; null when there is none.</summary>
    /// <typeparam name="TState">What was given to <see cref="Write"/>.</typeparam>
    /// <param name="warn">Is told of each newer one that is damaged.</param>
    public (string Path, TState State)? NewestSound<TState>(Action<string> warn)
        where TState : class
    {
        foreach (var checkpoint in NewestFirst())
        {
            try
            {
                Verify(checkpoint);
                var state = JsonSerializer.Deserialize<TState>(File.ReadAllText(Path.Combine(checkpoint, StateFile)));
                return (checkpoint, state ?? throw new InvalidDataException($"{StateFile} is empty"));
            }
            catch (Exception error) when (error is InvalidDataException or JsonException or IOException)
            {
                warn($"the checkpoint {checkpoint} is damaged ({error.Message}) and is left out; the one before it is used, if there is one");
            }
        }

        return null;
    }

    /// <summary>Writes a checkpoint and removes those before it that are beyond the number to keep.</summary>
    /// <typeparam name="TState">The state's type.</typeparam>
    /// <param name="step">The step it is taken at.</param>
    /// <param name="state">What is plain data.</param>
    /// <param name="write">Writes the tensors' files into the folder it is given.</param>
    /// <returns>The checkpoint's path.</returns>
    public string Write<TState>(int step, TState state, Action<string> write)
    {
        Directory.CreateDirectory(folder);
        foreach (var abandoned in Directory.GetDirectories(folder, Aside + "*"))
        {
            Directory.Delete(abandoned, recursive: true);
        }

        var target = Path.Combine(folder, Prefix + step.ToString("D8", CultureInfo.InvariantCulture));
        var aside = Path.Combine(folder, Aside + step.ToString(CultureInfo.InvariantCulture));
        Directory.CreateDirectory(aside);
        write(aside);
        AtomicFile.WriteText(Path.Combine(aside, StateFile), JsonSerializer.Serialize(state));
        AtomicFile.WriteText(Path.Combine(aside, ManifestName), JsonSerializer.Serialize(Digests(aside)));
        if (Directory.Exists(target))
        {
            Directory.Delete(target, recursive: true);
        }

        Directory.Move(aside, target);

        // What is newer is damaged, or the run would have gone on from there; it must not take the place of this one.
        foreach (var old in NewestFirst().Where(path => StepOf(path) <= step).Skip(keep))
        {
            Directory.Delete(old, recursive: true);
        }

        return target;
    }

    /// <summary>Removes every checkpoint.</summary>
    public void Clear()
    {
        foreach (var checkpoint in NewestFirst())
        {
            Directory.Delete(checkpoint, recursive: true);
        }
    }

    private IReadOnlyList<string> NewestFirst() => !Directory.Exists(folder) ? [] :
        [.. Directory.GetDirectories(folder, Prefix + "*").Where(path => StepOf(path) >= 0).OrderByDescending(StepOf)];

    // Compares a checkpoint's files with its manifest; throws where something is missing or changed.
    private static void Verify(string checkpoint)
    {
        var path = Path.Combine(checkpoint, ManifestName);
        if (!File.Exists(path))
        {
            throw new InvalidDataException($"{ManifestName} is missing");
        }

        var expected = ReadManifest(path);
        var found = Digests(checkpoint);
        foreach (var (name, digest) in expected)
        {
            if (!found.TryGetValue(name, out var actual))
            {
                throw new InvalidDataException($"{name} is missing");
            }

            if (actual != digest)
            {
                throw new InvalidDataException($"{name} has SHA-256 {actual}, expected {digest}");
            }
        }
    }

    private static Dictionary<string, string> ReadManifest(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(path)) ?? throw new InvalidDataException($"{ManifestName} is empty");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{ManifestName} is not JSON: {error.Message}", error);
        }
    }

    private static Dictionary<string, string> Digests(string checkpoint) => Directory.GetFiles(checkpoint)
        .Where(file => Path.GetFileName(file) != ManifestName)
        .ToDictionary(file => Path.GetFileName(file), Digest, StringComparer.Ordinal);

    private static string Digest(string file)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static int StepOf(string path) =>
        int.TryParse(Path.GetFileName(path).AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? step : -1;
}
