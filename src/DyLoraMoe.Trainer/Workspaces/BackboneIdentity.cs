using DyLoraMoe.Artifacts;

namespace DyLoraMoe.Trainer.Workspaces;

/// <summary>Which backbone a workspace belongs to.</summary>
/// <param name="Path">The folder when the workspace was made; a moved backbone is named again by <c>--model</c>.</param>
/// <param name="Digest">Its name by content.</param>
internal sealed record BackboneIdentity(string Path, string Digest)
{
    /// <summary>Reads the folder once, all of it: shape, weights and tokenizer decide, cards and other files do not.</summary>
    /// <param name="folder">The folder in Hugging Face layout.</param>
    public static BackboneIdentity Of(string folder)
    {
        var full = System.IO.Path.GetFullPath(folder);
        return new BackboneIdentity(full, ArtifactDigest.OfFolder(full, Counts));
    }

    private static bool Counts(string name) =>
        name is "config.json" or "tokenizer.json" or "tokenizer.model" or "vocab.json" or "merges.txt" or "tokenizer_config.json" or "special_tokens_map.json"
        || (name.EndsWith(".safetensors", StringComparison.Ordinal) && !name.Contains('/', StringComparison.Ordinal))
        || name == "model.safetensors.index.json";
}
