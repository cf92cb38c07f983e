using DyLoraMoe.Core.Safetensors;

namespace DyLoraMoe.Core.Models;

/// <summary>What lies beside a model's weights and stays when the weights become others: the tokenizer and how to generate.</summary>
public static class CompanionFiles
{
    private static readonly string[] _vocabulary = ["tokenizer.json", "tokenizer.model", "vocab.json", "merges.txt"];

    private static readonly string[] _settings = ["tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "chat_template.jinja"];

    /// <summary>Copies them; each appears whole or not at all.</summary>
    /// <param name="source">A model's folder.</param>
    /// <param name="target">The other model's.</param>
    public static void Copy(string source, string target) => Copy([.. _vocabulary, .. _settings, "generation_config.json"], source, target);

    /// <summary>Copies the tokenizer alone, for a model that ends its texts in its own way. Files that only another tokenizer had go: they would be read with it.</summary>
    /// <inheritdoc cref="Copy(string, string)" path="/param" />
    public static void CopyTokenizer(string source, string target)
    {
        string[] names = [.. _vocabulary, .. _settings];
        Copy(names, source, target);
        foreach (var name in names.Where(name => !File.Exists(Path.Combine(source, name))))
        {
            File.Delete(Path.Combine(target, name));
        }
    }

    private static void Copy(IEnumerable<string> names, string source, string target)
    {
        foreach (var name in names.Where(name => File.Exists(Path.Combine(source, name))))
        {
            AtomicFile.Write(Path.Combine(target, name), stream =>
            {
                using var file = File.OpenRead(Path.Combine(source, name));
                file.CopyTo(stream);
            });
        }
    }

    /// <summary>The first file by which the vocabularies of two models differ; null when both read text alike.</summary>
    /// <param name="first">A model's folder.</param>
    /// <param name="second">The other's.</param>
    public static string? VocabularyDifference(string first, string second) => Array.Find(_vocabulary, name =>
    {
        var (left, right) = (Path.Combine(first, name), Path.Combine(second, name));
        return File.Exists(left) != File.Exists(right) || (File.Exists(left) && !File.ReadAllBytes(left).AsSpan().SequenceEqual(File.ReadAllBytes(right)));
    });
}
