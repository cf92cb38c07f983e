using System.Text.Json.Nodes;
using DyLoraMoe.Core.Models;

namespace DyLoraMoe.Core.Generation;

/// <summary>
/// Reads how a model's makers would generate with it from <c>generation_config.json</c>, by the rule of transformers: the likeliest token
/// unless <c>do_sample</c> is true. What ends a text is the tokenizer's business.
/// </summary>
public static class GenerationConfigFile
{
    /// <summary>Name of the file in a model folder.</summary>
    public const string FileName = "generation_config.json";

    private const long MaximumBytes = 1 << 20;

    // What transformers takes where a file that samples does not say it.
    private const int UsualTopK = 50;

    /// <summary>The file's values; where it has none, or there is no file, those of <see cref="GenerationOptions"/>.</summary>
    /// <param name="folder">The model folder.</param>
    /// <exception cref="ModelFormatException">A value cannot be right; the message names file and field.</exception>
    public static GenerationOptions Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return new GenerationOptions();
        }

        var json = JsonFile.ReadObject(path, MaximumBytes);
        try
        {
            return Of(json);
        }
        catch (ModelFormatException error)
        {
            throw new ModelFormatException($"{path}: {error.Message}", error);
        }
    }

    private static GenerationOptions Of(JsonObject json)
    {
        var usual = new GenerationOptions();
        var greedy = usual with
        {
            MaxTokens = Value<int>(json, "max_new_tokens", "a whole number from 1 to 1048576", value => value is >= 1 and <= 1 << 20) ?? usual.MaxTokens,
            RepetitionPenalty = Value<double>(json, "repetition_penalty", "a number from 0.01 to 100", value => value is >= 0.01 and <= 100) ?? usual.RepetitionPenalty,
        };
        return JsonFile.Value<bool>(json, "do_sample", "true or false") is not true ? greedy : greedy with
        {
            Temperature = Value<double>(json, "temperature", "a number above 0 and at most 100", value => value is > 0 and <= 100) ?? 1,
            TopK = Value<int>(json, "top_k", "a whole number of at least 0", value => value >= 0) ?? UsualTopK,
            TopP = Value<double>(json, "top_p", "a number above 0 and at most 1", value => value is > 0 and <= 1) ?? usual.TopP,
        };
    }

    private static T? Value<T>(JsonObject json, string name, string expected, Func<T, bool> isRight)
        where T : struct => JsonFile.Value<T>(json, name, expected) switch
        {
            { } value when !isRight(value) => throw new ModelFormatException($"'{name}' is {json[name]!.ToJsonString()}, expected {expected}"),
            var value => value,
        };
}
