namespace DyLoraMoe.Core.Tokenization.Loading;

/// <summary>Chooses the reader for what a folder holds.</summary>
internal static class TokenizerFolder
{
    public static TextTokenizer Load(string folder)
    {
        foreach (var name in (string[])["tokenizer.json", "tokenizer.model", "vocab.json"])
        {
            var path = Path.Combine(folder, name);
            if (File.Exists(path))
            {
                return LoadFile(path);
            }
        }

        throw new FileNotFoundException($"{folder} has no tokenizer: it needs tokenizer.json, tokenizer.model, or vocab.json with merges.txt.", folder);
    }

    public static TextTokenizer LoadFile(string file)
    {
        if (!File.Exists(file))
        {
            throw new FileNotFoundException($"There is no tokenizer file {file}.", file);
        }

        var settings = TokenizerSettingsReader.Read(Path.GetDirectoryName(Path.GetFullPath(file))!);
        var parts = Path.GetExtension(file) == ".model" ? SentencePieceReader.Read(file, settings)
            : Path.GetFileName(file).EndsWith("vocab.json", StringComparison.Ordinal) ? VocabularyReader.Read(file, settings)
            : TokenizerJsonReader.Read(file, settings);
        return new TextTokenizer(parts);
    }
}
