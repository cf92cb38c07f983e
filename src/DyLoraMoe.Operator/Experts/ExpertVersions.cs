using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Requests;

namespace DyLoraMoe.Operator.Experts;

/// <summary>What an expert's status becomes by a new version: pure rules.</summary>
internal static class ExpertVersions
{
    public const string Seeded = "Seeded";

    public const string Consolidated = "Consolidated";

    public const string Imported = "Imported";

    /// <summary>The status with a new version in it; the same one when it has that version already.</summary>
    public static LoraExpertStatus With(LoraExpertStatus status, TrainResult result, IReadOnlyList<TrainedSkill> learned, string reason, DateTimeOffset now) =>
        status.Artifact?.Digest == result.Expert && status.History is { Count: > 0 }
            ? status with { TrainedOn = [.. learned] }
            : status with
            {
                Artifact = new() { Uri = $"experts/{result.Expert.Replace(':', '-')}", Digest = result.Expert, SizeBytes = result.SizeBytes, Version = result.Version },
                Mode = result.Mode,
                Rank = result.Rank,
                TrainedOn = [.. learned],
                Evaluation = EvaluationOf(result),
                History =
                [
                    new() { Time = WholeSeconds(now), Version = result.Version, Digest = result.Expert, Reason = reason },
                    .. (status.History ?? []).Take(Bounds.History - 1),
                ],
            };

    /// <summary>Itself against the bare backbone; null when there was nothing to measure on.</summary>
    public static EvaluationStatus? EvaluationOf(TrainResult result) =>
        result is { BackboneLoss: { } backbone, ExpertLoss: { } expert }
            ? new()
            {
                BackboneLoss = RequestParts.Text(backbone),
                ExpertLoss = RequestParts.Text(expert),
                GainPercent = backbone > 0 ? (int)Math.Round(Math.Clamp(100 * (backbone - expert) / backbone, -1000, 100)) : 0,
                HeldOut = result.HeldOut,
            }
            : null;

    /// <summary>Whether an expert is worse than nothing: it stays out of sets.</summary>
    public static bool IsUseless(LoraExpertStatus status) => status.Evaluation is { GainPercent: <= 0 };

    private static DateTimeOffset WholeSeconds(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
}
