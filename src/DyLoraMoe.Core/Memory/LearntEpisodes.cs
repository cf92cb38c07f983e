using System.Text.Json;
using DyLoraMoe.Core.Safetensors;

namespace DyLoraMoe.Core.Memory;

/// <summary>
/// Names of the episodes that an expert has learnt, in <c>episodes.json</c> beside its weights: no text. Whoever serves the expert takes those out
/// of the memory that it then answers without.
/// </summary>
public static class LearntEpisodes
{
    private const string FileName = "episodes.json";

    // An id is 24 characters; nothing that is much larger was written by us.
    private const long MostBytes = 64L << 20;

    /// <summary>Writes the names; nothing when there are none.</summary>
    /// <param name="folder">The expert's folder.</param>
    /// <param name="ids">The names.</param>
    public static void Save(string folder, IEnumerable<string> ids)
    {
        string[] sorted = [.. ids.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (sorted.Length > 0)
        {
            AtomicFile.WriteText(Path.Combine(folder, FileName), JsonSerializer.Serialize(sorted));
        }
    }

    /// <summary>The names; none for an expert that has learnt no episodes.</summary>
    /// <param name="folder">The expert's folder.</param>
    /// <exception cref="InvalidDataException">The file is not what was written.</exception>
    public static IReadOnlyList<string> Read(string folder)
    {
        var file = new FileInfo(Path.Combine(folder, FileName));
        if (!file.Exists)
        {
            return [];
        }

        try
        {
            return file.Length <= MostBytes && JsonSerializer.Deserialize<string[]>(File.ReadAllText(file.FullName)) is { } ids && !ids.Contains(null)
                ? ids
                : throw new InvalidDataException($"{file.FullName} is no list of names of episodes.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{file.FullName} is no list of names of episodes: {error.Message}", error);
        }
    }
}
