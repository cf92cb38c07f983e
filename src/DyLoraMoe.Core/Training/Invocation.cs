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

    private static int StartIn(TokenizedSample sample, LoraConfig config)
    {
        var start = InvocationPoint.Of(config, sample.Ids, sample.AnswerStart);
        return start == InvocationPoint.Never ? sample.Ids.Length : start;
    }
}
