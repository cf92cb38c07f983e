using System.Globalization;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Demo.Output;

namespace DyLoraMoe.Demo.Cluster;

/// <summary>Skills with their experts, and the backbone, as rows of the table that is watched.</summary>
internal static class SkillRows
{
    // Where lines are only added, one for each of these steps of a training.
    private const int PercentStep = 25;

    /// <summary>How the table is laid out.</summary>
    public static Table Table { get; } = new(
        ("TIME", 5), ("SKILL", 10), ("DECISION", 8), ("EXPERT", 8), ("VERSION", 7), ("STAGE", 13), ("PROGRESS", 15), ("ETA", 4), ("GAIN", 4), ("SERVED", 6), ("READY", 7), ("REASON", 16));

    /// <summary>The rows at a moment, the oldest skill first and the backbone last.</summary>
    /// <param name="snapshot">What there is.</param>
    /// <param name="elapsed">Time since the beginning.</param>
    public static IReadOnlyList<ScreenRow> Of(Snapshot snapshot, TimeSpan elapsed) =>
    [
        .. snapshot.Skills.OrderBy(skill => skill.Metadata.CreationTimestamp).ThenBy(skill => skill.Metadata.Name, StringComparer.Ordinal).Select(skill => Of(skill, snapshot.ExpertOf(skill), elapsed)),
        .. snapshot.Backbones.Select(backbone => Of(backbone, elapsed)),
    ];

    private static ScreenRow Of(Skill skill, LoraExpert? expert, TimeSpan elapsed)
    {
        var status = expert?.Status;
        var progress = status?.Job is null ? null : status.Progress;
        var ready = Ready(skill.Status.Conditions);
        string[] cells =
        [
            skill.Metadata.Name,
            skill.Status.Novelty?.Decision ?? "",
            expert?.Metadata.Name ?? "",
            Text(status?.Artifact?.Version),
            status?.Stage ?? "",
            progress?.Percent is { } percent ? Figures.Bar(percent) : "",
            progress?.EtaSeconds is { } seconds ? Figures.Clock(TimeSpan.FromSeconds(seconds)) : "",
            status?.Evaluation?.GainPercent is { } gain ? $"{Text(gain)}%" : "",
            status?.Served ?? "",
            ready?.Status ?? ConditionStatus.Unknown,
            Reason(ready, status?.Conditions),
        ];
        return Row($"skill/{skill.Metadata.Name}", cells, elapsed, progress?.Percent);
    }

    private static ScreenRow Of(Backbone backbone, TimeSpan elapsed)
    {
        var status = backbone.Status;
        var ready = Ready(status.Conditions);
        var experts = status.Experts is { } count ? $"{Text(count)} in set" : "";
        string[] cells = [$"({backbone.Metadata.Name})", "", experts, "", status.RoutingMode ?? "", "", "", "", status.Serving ?? "", ready?.Status ?? ConditionStatus.Unknown, Reason(ready, null)];
        return Row($"backbone/{backbone.Metadata.Name}", cells, elapsed, null);
    }

    // The time and the progress change all the time: they alone are no news.
    private static ScreenRow Row(string key, string[] cells, TimeSpan elapsed, int? percent) => new(
        key,
        [Figures.Clock(elapsed), .. cells],
        string.Join('|', cells.Where((_, index) => index is not (5 or 6)).Append(percent is { } figure ? $"{figure / PercentStep}" : "")));

    private static Condition? Ready(IEnumerable<Condition> conditions) => conditions.Find(ConditionTypes.Ready);

    // A skill that waits for its expert has the expert's reason: that is what goes on.
    private static string Reason(Condition? ready, IEnumerable<Condition>? expert) =>
        ready is { Reason: Reasons.ExpertNotReady } && expert is not null && Ready(expert) is { } its ? its.Reason : ready?.Reason ?? "";

    private static string Text(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";
}
