using System.Globalization;
using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Safetensors;

namespace DyLoraMoe.Trainer.Workspaces;

/// <summary>Which backbone a workspace belongs to.</summary>
/// <param name="Path">The folder when the workspace was made; a moved backbone is named again by <c>--model</c>.</param>
/// <param name="Digest">Its name by content.</param>
internal sealed record BackboneIdentity(string Path, string Digest)
{
    /// <summary>Identifies a folder by all that decides what the model computes: shape, weights and tokenizer, but no cards.</summary>
    /// <param name="folder">The folder in Hugging Face layout.</param>
    /// <param name="memory">A file that remembers the digest, so that gigabytes are read once and again only when a file's size or time has changed.</param>
    public static BackboneIdentity Of(string folder, string memory)
    {
        // The folder's last name goes with experts.
        var full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(folder));
        var look = Look(full);
        if (File.Exists(memory) && File.ReadAllText(memory).Split('\n', 2) is [var digest, var seen] && seen == look)
        {
            return new BackboneIdentity(full, digest);
        }

        var identity = new BackboneIdentity(full, ArtifactDigest.OfFolder(full, Counts));
        AtomicFile.WriteText(memory, identity.Digest + "\n" + look);
        return identity;
    }

    private static string Look(string folder) => string.Join('\n', Directory.EnumerateFiles(folder)
        .Where(path => Counts(System.IO.Path.GetFileName(path)))
        .Order(StringComparer.Ordinal)
        .Select(path => new FileInfo(path))
        .Select(file => string.Create(CultureInfo.InvariantCulture, $"{file.FullName} {file.Length} {file.LastWriteTimeUtc.Ticks}")));

    private static bool Counts(string name) =>
        name is "config.json" or "tokenizer.json" or "tokenizer.model" or "vocab.json" or "merges.txt" or "tokenizer_config.json" or "special_tokens_map.json"
        || (name.EndsWith(".safetensors", StringComparison.Ordinal) && !name.Contains('/', StringComparison.Ordinal))
        || name == "model.safetensors.index.json";
}
