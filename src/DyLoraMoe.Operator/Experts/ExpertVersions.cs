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
                Artifact = ArtifactOf(result),
                Mode = result.Mode,
                Rank = result.Rank,
                TrainedOn = [.. learned],
                Evaluation = EvaluationOf(result),
                History = Recorded(status, ArtifactOf(result), reason, now),
            };

    /// <summary>Where its weights are.</summary>
    public static ArtifactStatus ArtifactOf(TrainResult result) =>
        new() { Uri = $"experts/{result.Expert.Replace(':', '-')}", Digest = result.Expert, SizeBytes = result.SizeBytes, Version = result.Version };

    /// <summary>The status with a version that was made in a night and is served by now.</summary>
    public static LoraExpertStatus With(LoraExpertStatus status, ConsolidatedExpert night, DateTimeOffset now) => status with
    {
        Artifact = night.Artifact,
        Mode = night.Mode,
        Rank = night.Rank,
        Evaluation = night.Evaluation,
        History = Recorded(status, night.Artifact!, Consolidated, now),
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

    private static IList<HistoryEntry> Recorded(LoraExpertStatus status, ArtifactStatus artifact, string reason, DateTimeOffset now) =>
    [
        new() { Time = WholeSeconds(now), Version = artifact.Version ?? 1, Digest = artifact.Digest!, Reason = reason },
        .. (status.History ?? []).Take(Bounds.History - 1),
    ];

    private static DateTimeOffset WholeSeconds(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
}
