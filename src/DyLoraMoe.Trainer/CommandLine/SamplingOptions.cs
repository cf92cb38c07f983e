using System.CommandLine;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Data.Reading;
using DyLoraMoe.Core.Generation;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>The options that say how tokens are chosen.</summary>
internal sealed class SamplingOptions
{
    private static readonly GenerationOptions _defaults = new();

    private readonly Option<int?> _maxTokens = OptionOf.Whole("--max-tokens", "N", $"Most tokens to generate. [default: {_defaults.MaxTokens}]", 1, 1 << 20);

    private readonly Option<double?> _temperature = OptionOf.Number("--temperature", "T", "0 always takes the likeliest token; 1 samples as the model predicts. [default: 0]", 0, 100);

    private readonly Option<int?> _topK = OptionOf.Whole("--top-k", "K", "Sample among the K likeliest tokens; 0 for all. [default: 0]", 0);

    private readonly Option<double?> _topP = OptionOf.Number("--top-p", "P", "Sample among the fewest tokens whose probabilities reach P. [default: 1]", 1e-6, 1);

    private readonly Option<double?> _penalty = OptionOf.Number("--repetition-penalty", "X", "Above 1 makes tokens that were seen less likely. [default: 1]", 0.01, 100);

    private readonly Option<string[]> _stop = OptionOf.Texts("--stop", "TEXT", @"End at this text, which is not printed; \n stands for a line feed. May be given several times.");

    private readonly Option<int?> _seed = SharedOptions.Seed();

    /// <summary>The options, for <see cref="Verb.With"/>.</summary>
    public Option[] All => [_maxTokens, _temperature, _topK, _topP, _penalty, _stop, _seed];

    /// <summary>What was asked for.</summary>
    /// <exception cref="UsageException">A stop text is empty.</exception>
    public GenerationOptions Of(ParseResult parsed) => new()
    {
        MaxTokens = parsed.GetValue(_maxTokens) ?? _defaults.MaxTokens,
        Temperature = parsed.GetValue(_temperature) ?? _defaults.Temperature,
        TopK = parsed.GetValue(_topK) ?? _defaults.TopK,
        TopP = parsed.GetValue(_topP) ?? _defaults.TopP,
        RepetitionPenalty = parsed.GetValue(_penalty) ?? _defaults.RepetitionPenalty,
        Stop = [.. parsed.GetValue(_stop)!.Select(text => text.Length > 0 ? PromptTemplate.Unescape(text) : throw new UsageException("--stop expects a text, found an empty one."))],
        Seed = parsed.GetValue(_seed) ?? 1,
    };
}
