using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Core.Training;

/// <summary>Gives samples the invocation points of one adapter, by the rule that serving follows.</summary>
/// <param name="config">The adapter's configuration; null for none.</param>
public sealed class Invocation(LoraConfig? config)
{
    /// <summary>The samples as they are.</summary>
    public static Invocation Unchanged { get; } = new(null);

    /// <summary>The samples, each with the point from which the adapter acts on it.</summary>
    /// <param name="samples">Samples with their answers' starts.</param>
    public IReadOnlyList<TokenizedSample> Of(IReadOnlyList<TokenizedSample> samples) =>
        config is { Mode: AdapterMode.Activated } activated ? [.. samples.Select(sample => sample with { InvocationStart = StartIn(sample, activated) })] : samples;

    /// <summary>As <see cref="Of"/>, for samples to learn from.</summary>
    /// <exception cref="InvalidDataException">The adapter acts on none of them, and would stay as it is.</exception>
    internal IReadOnlyList<TokenizedSample> ToLearn(IReadOnlyList<TokenizedSample> samples) => samples.Count == 0 || samples.Any(IsIn)
        ? Of(samples)
        : throw new InvalidDataException(
            $"The expert's invocation tokens [{string.Join(", ", config!.InvocationTokens!)}] are in none of the {samples.Count} prompts, so it would learn nothing. Let the prompts hold them.");

    /// <summary>Whether the adapter acts on the sample: one of mode Full does on every.</summary>
    /// <param name="sample">A sample with its answer's start.</param>
    public bool IsIn(TokenizedSample sample) => config is null || InvocationPoint.Of(config, sample.Ids, sample.AnswerStart) != InvocationPoint.Never;

    private static int StartIn(TokenizedSample sample, LoraConfig config)
    {
        var start = InvocationPoint.Of(config, sample.Ids, sample.AnswerStart);
        return start == InvocationPoint.Never ? sample.Ids.Length : start;
    }
}
