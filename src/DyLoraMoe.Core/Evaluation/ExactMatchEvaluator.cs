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

/// <summary>Continues prompts: what is generated for each, without the prompt.</summary>
/// <param name="prompts">The prompts of one batch.</param>
/// <param name="samples">For each, the index of its sample.</param>
public delegate IReadOnlyList<string> Continuation(IReadOnlyList<string> prompts, IReadOnlyList<int> samples);

/// <summary>Lets a model answer held-out prompts and counts the answers that are exactly right. The prompt itself never counts as an answer.</summary>
/// <param name="generate">The model.</param>
/// <param name="rows">Prompts per batch.</param>
public sealed class ExactMatchEvaluator(Continuation generate, int rows = 32)
{
    /// <summary>An evaluator of a generator whose rows may use different adapters.</summary>
    /// <param name="generator">The generator; always takes the likeliest token here.</param>
    /// <param name="bank">Adapters; null for the bare backbone.</param>
    /// <param name="weights">For every sample, one weight per adapter of the bank; null gives the first adapter to all.</param>
    /// <param name="maxTokens">Longest answer.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public static ExactMatchEvaluator Of(
        TextGenerator generator, AdapterBank? bank = null, IReadOnlyList<float[]>? weights = null, int maxTokens = 64, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(generator);
        var options = new GenerationOptions { MaxTokens = maxTokens, Stop = ["\n"] };
        return new ExactMatchEvaluator((prompts, samples) =>
        {
            cancellation.ThrowIfCancellationRequested();
            var adapters = bank is null ? null : new GenerationAdapters(bank, [.. samples.Select(sample => weights?[sample] ?? First(bank))]);
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
            var texts = generate(Array.ConvertAll(batch, index => samples[index].Prompt), batch);
            foreach (var (index, text) in batch.Zip(texts))
            {
                outputs[index] = text;
            }
        }

        return new ExactMatchReport([.. samples.Zip(outputs, isCorrect)], outputs);
    }
}
