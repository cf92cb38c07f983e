using System.CommandLine;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Data.Reading;
using DyLoraMoe.Core.Generation;
using DyLoraMoe.Core.Models;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>The options that say how tokens are chosen.</summary>
internal sealed class SamplingOptions
{
    private readonly Option<int?> _maxTokens = OptionOf.Whole("--max-tokens", "N", $"Most tokens to generate. {Default("max_new_tokens", $"{new GenerationOptions().MaxTokens}")}", 1, 1 << 20);

    private readonly Option<double?> _temperature = OptionOf.Number("--temperature", "T", $"0 always takes the likeliest token; 1 samples as the model predicts. {Default("temperature", "0", samples: true)}", 0, 100);

    private readonly Option<int?> _topK = OptionOf.Whole("--top-k", "K", $"Sample among the K likeliest tokens; 0 for all. {Default("top_k", "0", samples: true)}", 0);

    private readonly Option<double?> _topP = OptionOf.Number("--top-p", "P", $"Sample among the fewest tokens whose probabilities reach P. {Default("top_p", "1", samples: true)}", 1e-6, 1);

    private readonly Option<double?> _penalty = OptionOf.Number("--repetition-penalty", "X", $"Above 1 makes tokens that were seen less likely. {Default("repetition_penalty", "1")}", 0.01, 100);

    private readonly Option<string[]> _stop = OptionOf.Texts("--stop", "TEXT", @"End at this text, which is not printed; \n stands for a line feed. May be given several times.");

    private readonly Option<int?> _seed = SharedOptions.Seed();

    /// <summary>The options, for <see cref="Verb.With"/>.</summary>
    public Option[] All => [_maxTokens, _temperature, _topK, _topP, _penalty, _stop, _seed];

    /// <summary>What was asked for, and where nothing was, what the model's <c>generation_config.json</c> says.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="model">The backbone's folder.</param>
    /// <exception cref="UsageException">A stop text is empty.</exception>
    /// <exception cref="ModelFormatException">A value of the file cannot be right.</exception>
    public GenerationOptions Of(ParseResult parsed, string model)
    {
        var usual = GenerationConfigFile.Read(model);
        return usual with
        {
            MaxTokens = parsed.GetValue(_maxTokens) ?? usual.MaxTokens,
            Temperature = parsed.GetValue(_temperature) ?? usual.Temperature,
            TopK = parsed.GetValue(_topK) ?? usual.TopK,
            TopP = parsed.GetValue(_topP) ?? usual.TopP,
            RepetitionPenalty = parsed.GetValue(_penalty) ?? usual.RepetitionPenalty,
            Stop = [.. parsed.GetValue(_stop)!.Select(text => text.Length > 0 ? PromptTemplate.Unescape(text) : throw new UsageException("--stop expects a text, found an empty one."))],
            Seed = parsed.GetValue(_seed) ?? 1,
        };
    }

    private static string Default(string field, string otherwise, bool samples = false) =>
        $"[default: {field} of the model's {GenerationConfigFile.FileName}{(samples ? " where do_sample is true" : "")}, or {otherwise}]";
}
