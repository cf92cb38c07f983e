using DyLoraMoe.Api;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Requests;

namespace DyLoraMoe.Operator.Experts;

/// <summary>What an expert's status becomes by a new version: pure rules.</summary>
internal static class ExpertVersions
{
    public const string Seeded = "Seeded";

    public const string Consolidated = "Consolidated";

    public const string Imported = "Imported";

    /// <summary>It follows its Backbone to another backbone: a larger one, or back.</summary>
    public const string Migrated = "Migrated";

    /// <summary>The status with a new version in it; the same one when it has that version already.</summary>
    public static LoraExpertStatus With(LoraExpertStatus status, TrainResult result, string? backbone, IReadOnlyList<TrainedSkill> learned, string reason, string? recipe, DateTimeOffset now) =>
        status.Artifact?.Digest == result.Expert && status.History is { Count: > 0 } history
            ? status with { TrainedOn = [.. learned], History = [history[0] with { Recipe = recipe }, .. history.Skip(1)] }
            : status with
            {
                Artifact = ArtifactOf(result, backbone),
                Mode = result.Mode,
                Rank = result.Rank,
                StartedFrom = result.StartedFrom ?? status.StartedFrom,
                TrainedOn = [.. learned],
                Evaluation = EvaluationOf(result),
                History = Recorded(status, ArtifactOf(result, backbone), reason, now, recipe),
            };

    /// <summary>Where its weights are.</summary>
    /// <param name="result">What made them.</param>
    /// <param name="backbone">Digest of the backbone that they act on, where that has grown; null for what the Backbone's source holds.</param>
    public static ArtifactStatus ArtifactOf(TrainResult result, string? backbone) =>
        new() { Uri = UriOf(result.Expert), Digest = result.Expert, SizeBytes = result.SizeBytes, Version = result.Version, Backbone = backbone };

    /// <summary>The status with the version that a set on another backbone holds. What was measured of the version before says nothing about it.</summary>
    public static LoraExpertStatus With(LoraExpertStatus status, SetMember member, string? backbone, MigratedExpert? carried, IReadOnlyList<TrainedSkill> learned, DateTimeOffset now)
    {
        var artifact = carried?.Artifact ?? new ArtifactStatus { Uri = UriOf(member.Digest), Digest = member.Digest, Version = member.Version, Backbone = backbone };
        return status with
        {
            Artifact = artifact,
            Mode = member.Mode,
            Rank = member.Rank,
            TrainedOn = [.. learned],
            Evaluation = carried?.Evaluation,
            History = Recorded(status, artifact, Migrated, now),
        };
    }

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

    /// <summary>Whether a version is no better than nothing: it stays out of sets.</summary>
    public static bool IsUseless(EvaluationStatus? evaluation) => evaluation is { GainPercent: <= 0 };

    private static string UriOf(string digest) => $"experts/{digest.Replace(':', '-')}";

    private static IList<HistoryEntry> Recorded(LoraExpertStatus status, ArtifactStatus artifact, string reason, DateTimeOffset now, string? recipe = null) =>
    [
        new() { Time = now.InSeconds(), Version = artifact.Version ?? 1, Digest = artifact.Digest!, Reason = reason, Recipe = recipe },
        .. (status.History ?? []).Take(Bounds.History - 1),
    ];
}
