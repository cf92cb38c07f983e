using System.Globalization;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Trainer.CommandLine;

namespace DyLoraMoe.Trainer.Workspaces;

/// <summary>A skill as people and programs read it.</summary>
internal static class SkillReport
{
    /// <summary>Everything about one skill.</summary>
    public static Report Of(string name, SkillEntry entry, WorkspaceState state)
    {
        var expert = entry.Expert is { } owner ? state.Experts[owner] : null;
        var report = new Report()
            .Add("skill", name)
            .Add("status", StatusOf(entry))
            .Add("reason", entry.Reason)
            .Add("expert", entry.Expert)
            .Add("samples", entry.Samples, Report.Count(entry.Samples))
            .Add("backbone_loss", entry.BackboneLoss, Nats(entry.BackboneLoss))
            .Add("served_loss", entry.ServedLoss, Nats(entry.ServedLoss))
            .Add("gain", entry.BackboneLoss - entry.ServedLoss, Nats(entry.BackboneLoss - entry.ServedLoss))
            .Add("routed", entry.RoutedShare, Percent(entry.RoutedShare));
        if (entry.Refusals() is { Count: > 0 } refusals)
        {
            report.Add("refused", refusals);
        }

        return expert is null ? report : report
            .Add("stage", StageOf(expert))
            .Add("version", expert.Version)
            .Add("mode", expert.Mode.ToString().ToLowerInvariant())
            .Add("mode_reason", expert.ModeReason)
            .Add("rank", expert.Rank)
            .Add("rank_reason", expert.RankReason)
            .Add("started_from", expert.StartedFrom ?? "nothing")
            .Add("maturity", Math.Round(expert.Maturity.Value, 4), Percent(expert.Maturity.Value))
            .Add("maturity_reason", new MaturityPolicy().Explain(expert.Maturity))
            .Add("digest", expert.Digest);
    }

    /// <summary>The cells of the table of skills.</summary>
    public static string[] Row(string name, SkillEntry entry, WorkspaceState state)
    {
        var expert = entry.Expert is { } owner ? state.Experts[owner] : null;
        return
        [
            name,
            StatusOf(entry),
            entry.Expert ?? "-",
            expert?.Version.ToString(CultureInfo.InvariantCulture) ?? "-",
            expert is null ? "-" : StageOf(expert),
            expert is null ? "-" : Percent(expert.Maturity.Value),
            expert?.Mode.ToString().ToLowerInvariant() ?? "-",
            expert?.Rank.ToString(CultureInfo.InvariantCulture) ?? "-",
            Number(entry.BackboneLoss),
            Number(entry.ServedLoss),
            Number(entry.BackboneLoss - entry.ServedLoss),
            Percent(entry.RoutedShare),
            Report.Count(entry.Samples),
        ];
    }

    /// <summary>What the table cannot say.</summary>
    public static IEnumerable<string> Notes(WorkspaceState state)
    {
        foreach (var (name, expert) in state.Experts.Where(pair => !pair.Value.IsArchived && !pair.Value.Maturity.IsMature))
        {
            yield return $"{name}: {new MaturityPolicy().Explain(expert.Maturity)}";
        }

        foreach (var (name, expert) in state.Experts.Where(pair => pair.Value.IsArchived))
        {
            yield return $"{name} is archived: {expert.ArchivedBecause}";
        }

        foreach (var (name, skill) in state.Skills)
        {
            foreach (var why in skill.Refusals())
            {
                yield return $"{name}: {why}";
            }
        }
    }

    private static string StatusOf(SkillEntry entry) => entry.Status.ToString().ToLowerInvariant();

    private static string StageOf(ExpertEntry expert) => expert.IsArchived ? "archived" : expert.Maturity.IsMature ? "mature" : "consolidating";

    private static string Nats(double? value) => value is { } known ? $"{Table.Number(known, 4)} nats/token" : "not measured";

    private static string Number(double? value) => value is { } known ? Table.Number(known, 4) : "-";

    private static string Percent(double? share) => share is { } known ? string.Create(CultureInfo.InvariantCulture, $"{100 * known:0.0} %") : "-";
}
