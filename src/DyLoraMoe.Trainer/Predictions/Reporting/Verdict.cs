namespace DyLoraMoe.Trainer.Predictions.Reporting;

/// <summary>What became of a prediction.</summary>
internal static class Verdict
{
    /// <summary>The sentence.</summary>
    /// <param name="isSupported">Whether all that was asked for holds.</param>
    /// <param name="isFalsified">Whether what falsifies it holds.</param>
    public static string Of(bool isSupported, bool isFalsified) =>
        $"**Outcome: {(isFalsified ? "falsified" : isSupported ? "supported" : "neither supported nor falsified, as registered")}.**";
}
