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

    /// <summary>Whether the adapter acts on any of the samples: those that it is silent on teach it nothing.</summary>
    /// <param name="samples">Samples with their answers' starts.</param>
    public bool IsInAny(IEnumerable<TokenizedSample> samples) => samples.Any(IsIn);

    /// <summary>Refuses samples that teach the adapter nothing.</summary>
    /// <param name="samples">Samples with their answers' starts.</param>
    /// <exception cref="InvalidDataException">The adapter acts on none of them, and would stay as it is.</exception>
    public void Require(IReadOnlyList<TokenizedSample> samples)
    {
        if (samples.Count > 0 && !IsInAny(samples))
        {
            throw new InvalidDataException(
                $"The expert's invocation tokens [{string.Join(", ", config!.InvocationTokens!)}] are in none of the {samples.Count} prompts, so it would learn nothing. Let the prompts hold them.");
        }
    }

    /// <summary>As <see cref="Of"/>, for samples to learn from.</summary>
    /// <param name="samples">Samples with their answers' starts.</param>
    /// <param name="others">What is learnt with them.</param>
    /// <exception cref="InvalidDataException">The adapter acts on none of all these, and would stay as it is.</exception>
    internal IReadOnlyList<TokenizedSample> ToLearn(IReadOnlyList<TokenizedSample> samples, params IReadOnlyList<IReadOnlyList<TokenizedSample>> others)
    {
        Require(others.Count == 0 ? samples : [.. samples, .. others.SelectMany(other => other)]);
        return Of(samples);
    }

    /// <summary>Whether the adapter acts on the sample: one of mode Full does on every.</summary>
    /// <param name="sample">A sample with its answer's start.</param>
    public bool IsIn(TokenizedSample sample) => config is null || InvocationPoint.Of(config, sample.Ids, sample.AnswerStart) != InvocationPoint.Never;

    private static int StartIn(TokenizedSample sample, LoraConfig config)
    {
        var start = InvocationPoint.Of(config, sample.Ids, sample.AnswerStart);
        return start == InvocationPoint.Never ? sample.Ids.Length : start;
    }
}
