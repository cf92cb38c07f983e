using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.Diversity;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Features;

/// <summary>Measures how diverse data are to a backbone.</summary>
public static class DiversityGauge
{
    private static readonly ulong Choice = SeededRandom.Key("diversity choice");

    /// <summary>The diversity of samples: near duplicates over all of them, the rest over some, the same ones every time.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="describe">Features of prompts: N prompts give (N, F) float32 on the CPU, which is then the gauge's to free.</param>
    /// <param name="cancellation">Stops while near duplicates are looked for.</param>
    public static DiversityReport Of(IReadOnlyList<TokenizedSample> samples, Func<IReadOnlyList<int[]>, Tensor> describe, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentNullException.ThrowIfNull(describe);
        var measured = samples.Count <= DiversityReport.MostMeasured
            ? samples
            : new SeededRandom(Choice, (ulong)samples.Count).PickSeveral(samples, DiversityReport.MostMeasured);
        using var features = describe([.. measured.Select(FeatureExtractor.PromptOf)]);                // (N, F)
        return DiversityReport.Of(samples, measured, features.data<float>().ToArray(), (int)features.shape[1], cancellation);
    }
}
