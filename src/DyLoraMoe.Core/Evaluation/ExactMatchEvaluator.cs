using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.SkillFamilies;
using DyLoraMoe.Core.Generation;

namespace DyLoraMoe.Core.Evaluation;

/// <summary>Which samples were answered exactly.</summary>
/// <param name="Correct">One flag per sample, in their order.</param>
/// <param name="Outputs">What was generated for each.</param>
public sealed record ExactMatchReport(IReadOnlyList<bool> Correct, IReadOnlyList<string> Outputs)
{
    /// <summary>Share of the samples answered exactly, 0 to 1.</summary>
    public double Rate => (double)Correct.Count(flag => flag) / Correct.Count;
}

/// <summary>Continues the prompts of one batch: what is generated for each, without the prompt.</summary>
/// <param name="samples">The indices of their samples.</param>
public delegate IReadOnlyList<string> Continuation(IReadOnlyList<int> samples);

/// <summary>Lets a model answer held-out prompts and counts the answers that are exactly right. The prompt itself never counts as an answer.</summary>
/// <param name="generate">The model.</param>
/// <param name="rows">Prompts per batch.</param>
public sealed class ExactMatchEvaluator(Continuation generate, int rows = 32)
{
    // Of a longer answer than the longest right one it is known that it is wrong.
    private const int SpareTokens = 2;

    /// <summary>An evaluator of a generator whose rows may use different adapters.</summary>
    /// <param name="generator">The generator; always takes the likeliest token here.</param>
    /// <param name="tokens">Every sample as the model sees it.</param>
    /// <param name="bank">Adapters; null for the bare backbone.</param>
    /// <param name="weights">For every sample, one weight per adapter of the bank; null gives the first adapter to all.</param>
    /// <param name="stop">Texts that end an answer; the end of the line when null.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public static ExactMatchEvaluator Of(
        TextGenerator generator, IReadOnlyList<TokenizedSample> tokens, AdapterBank? bank = null, IReadOnlyList<float[]>? weights = null, IReadOnlyList<string>? stop = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(generator);
        ArgumentNullException.ThrowIfNull(tokens);
        var longest = tokens.Max(sample => sample.Ids.Length - sample.AnswerStart);
        var options = new GenerationOptions { MaxTokens = longest + SpareTokens, Stop = stop ?? ["\n"] };
        return new ExactMatchEvaluator(samples =>
        {
            cancellation.ThrowIfCancellationRequested();
            var adapters = bank is null ? null : new GenerationAdapters(bank, [.. samples.Select(sample => weights?[sample] ?? First(bank))]);
            var prompts = samples.Select(sample => (IReadOnlyList<int>)tokens[sample].Ids[..tokens[sample].AnswerStart]).ToList();
            return [.. generator.Generate(prompts, options, adapters, cancellationToken: cancellation).Select(text => text.Text)];
        });

        static float[] First(AdapterBank bank) => [.. bank.Adapters.Select((_, index) => index == 0 ? 1f : 0f)];
    }

    /// <summary>Generates an answer to every sample and compares.</summary>
    /// <param name="samples">Prompts with answers.</param>
    /// <param name="isCorrect">Compares sample and output; equality of the first line when null.</param>
    /// <exception cref="ArgumentException">There are no samples, or one has no prompt to answer.</exception>
    public ExactMatchReport Evaluate(IReadOnlyList<Sample> samples, Func<Sample, string, bool>? isCorrect = null)
    {
        ArgumentNullException.ThrowIfNull(samples);
        if (samples.Count == 0 || samples.Any(sample => sample.IsPlainText))
        {
            throw new ArgumentException("Exact match needs at least one sample, and samples with an answer; plain texts have none. An empty set proves nothing.", nameof(samples));
        }

        isCorrect ??= SkillSamples.IsCorrect;
        var outputs = new string[samples.Count];
        foreach (var batch in Enumerable.Range(0, samples.Count).OrderBy(index => samples[index].Prompt.Length).Chunk(rows))
        {
            foreach (var (index, text) in batch.Zip(generate(batch)))
            {
                outputs[index] = text;
            }
        }

        return new ExactMatchReport([.. samples.Zip(outputs, isCorrect)], outputs);
    }
}
