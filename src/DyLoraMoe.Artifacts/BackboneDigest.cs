namespace DyLoraMoe.Artifacts;

/// <summary>The name of a backbone by all that decides what it computes: shape, weights and tokenizer, but no cards.</summary>
public static class BackboneDigest
{
    /// <summary>The digest of a folder in Hugging Face layout, as <c>sha256:</c> and 64 hexadecimal digits.</summary>
    /// <param name="folder">The folder.</param>
    public static string Of(string folder) => ArtifactDigest.OfFolder(folder, Counts);

    /// <summary>Whether a file, by its path in the folder, takes part.</summary>
    /// <param name="name">The relative path.</param>
    public static bool Counts(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name is "config.json" or "tokenizer.json" or "tokenizer.model" or "vocab.json" or "merges.txt" or "tokenizer_config.json" or "special_tokens_map.json"
            || (name.EndsWith(".safetensors", StringComparison.Ordinal) && !name.Contains('/', StringComparison.Ordinal))
            || name == "model.safetensors.index.json";
    }

    /// <summary>Whether a file is of use to whoever loads the model: what counts, and small files beside it.</summary>
    /// <param name="name">The relative path.</param>
    public static bool IsOfModel(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Counts(name) || (!name.Contains('/', StringComparison.Ordinal) && Path.GetExtension(name) is ".json" or ".txt" or ".model" or ".jinja");
    }
}
