using System.Globalization;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Kubectl.Cluster;
using DyLoraMoe.Kubectl.Output;
using k8s.Models;
using Spectre.Console;

namespace DyLoraMoe.Kubectl.Status;

/// <summary>Backbones with their skills, experts, jobs and revisions, as lines of a tree: a pure function of what there is.</summary>
internal static class StatusTree
{
    private const int MostRevisions = 5;

    /// <summary>The trees.</summary>
    /// <param name="world">What there is.</param>
    /// <param name="backbone">The backbone that is meant; null for all.</param>
    /// <param name="now">The time, for ages.</param>
    public static IReadOnlyList<StatusNode> Of(World world, string? backbone, DateTimeOffset now)
    {
        var trees = world.BackboneNames.Where(each => backbone is null || each == backbone).Select(each => Tree(each, world, now)).ToList();
        if (world.Backbones is null)
        {
            trees.Add(Unseen("Backbones"));
            return trees;
        }

        var orphans = backbone is null ? world.Skills.Where(skill => world.Backbone(skill.Spec.BackboneRef.Name) is null).ToList() : [];
        if (orphans.Count > 0)
        {
            trees.Add(new("[red]Skills whose Backbone does not exist[/]", [.. orphans.Select(skill => new StatusNode($"{Bold(skill.Metadata.Name)}  Backbone {Safe(skill.Spec.BackboneRef.Name)}"))]));
        }

        return trees;
    }

    private static StatusNode Tree(string name, World world, DateTimeOffset now)
    {
        var backbone = world.Backbone(name);
        return new(
            backbone is null ? $"Backbone {Bold(name)}" : Line(backbone),
            [
                .. backbone is null ? [] : Reason(State.Of(backbone.Status.Conditions)),
                .. Group("Skills", world.SkillsOf(name).Select(skill => Skill(skill, world))),
                .. Group("Experts", world.Experts is null ? null : world.ExpertsOf(name).Select(expert => Expert(expert, backbone))),
                .. Group("Nights", world.Nights is null ? null : world.NightsOf(name).Select(night => Night(night, now))),
                .. Group("Growths", world.Growths is null ? null : world.GrowthsOf(name).Select(Growth)),
                .. Group("Jobs", world.Jobs is null ? null : world.JobsOf(name).Where(job => !IsOver(job)).Select(job => Job(job, now))),
                .. Group("Revisions", world.Sets is null ? null : Revisions(world.SetsOf(name), backbone, now)),
            ]);
    }

    private static string Line(Backbone backbone)
    {
        var status = backbone.Status;
        List<string> parts =
        [
            $"Backbone {Bold(backbone.Metadata.Name)}",
            Shown(State.Of(status.Conditions)),
            .. status.Experts is { } experts ? [$"{Figures.Count(experts, "expert")}, {status.MatureExperts ?? 0} mature"] : Array.Empty<string>(),
            .. status.RoutingMode is { } mode && status.Experts > 0 ? [$"{mode.ToLowerInvariant()} routing"] : Array.Empty<string>(),
            .. status.RouterAccuracyPercent is { } accuracy ? [$"{Text(accuracy)} % of held-out prompts reach their expert"] : Array.Empty<string>(),
            .. status.Grown is { } grown ? [grown.Parameters is { } parameters ? $"grown to {Figures.Whole(parameters)} weights" : "grown"] : Array.Empty<string>(),
            .. status.Serving is { } serving ? [$"pods {serving}"] : Array.Empty<string>(),
        ];
        return string.Join("  ", parts);
    }

    private static StatusNode Skill(Skill skill, World world)
    {
        var (status, state) = (skill.Status, State.Of(skill.Status.Conditions));
        List<string> parts = [Bold(skill.Metadata.Name), Shown(state)];
        if (status.Novelty?.Decision is { } decision)
        {
            parts.Add(status.ExpertRef is { } expert ? $"{decision} → {Safe(expert.Name)}" : decision);
        }

        if (status.Dataset?.Samples is { } samples)
        {
            parts.Add(Figures.Count(samples, "sample"));
        }

        if (skill.Metadata.DeletionTimestamp is not null)
        {
            parts.Add("[yellow]is being deleted[/]");
        }

        // A skill that waits for its expert has the expert's reason, which stands there.
        var isTold = state.Reason == Reasons.ExpertNotReady && world.Expert(status.ExpertRef?.Name) is not null;
        return new(string.Join("  ", parts), isTold ? [] : [.. Reason(state)]);
    }

    private static StatusNode Expert(LoraExpert expert, Backbone? backbone)
    {
        var (status, state) = (expert.Status, State.Of(expert.Status.Conditions));
        List<string> parts = [Bold(expert.Metadata.Name), status.Stage is ExpertStages.Mature ? $"[green]{status.Stage}[/]" : Safe(status.Stage ?? ExpertStages.Pending)];
        List<StatusNode> below = [];
        if (status.MaturityPercent is { } maturity)
        {
            parts.Add($"maturity {Figures.Bar(maturity)}{(status.HeldBackBy is { } criterion ? $" held back by {Safe(criterion)}" : "")}");
        }

        if (status.Evaluation?.GainPercent is { } gain)
        {
            parts.Add($"gain {Text(gain)} %");
        }

        if (status.Artifact?.Version is { } version)
        {
            parts.Add($"v{Text(version)}");
        }

        if (status.Served is { } served)
        {
            parts.Add($"served {served}");
        }

        if (status.TrafficSharePercent is { } share)
        {
            parts.Add($"{Text(share)} % of the traffic");
        }

        if (status is { Job: not null, Progress: { Percent: { } percent } progress })
        {
            below.Add(new($"[blue]{Safe(progress.Phase ?? "training")} {Figures.Bar(percent)}[/]{Details(progress)}"));
        }

        if (backbone?.Status.Refused?.FirstOrDefault(refusal => refusal.Expert == expert.Metadata.Name) is { } refused)
        {
            below.Add(new($"[red]refused[/]  {Safe(refused.Message)}"));
        }
        else if (!(status.Job is not null && state.Reason is Reasons.Seeding or Reasons.Consolidating && below.Count > 0))
        {
            below.AddRange(Reason(state));
        }

        return new(string.Join("  ", parts), below);
    }

    private static StatusNode Night(Consolidation night, DateTimeOffset now)
    {
        var (status, state) = (night.Status, State.Of(night.Status.Conditions));
        List<string> parts = [Bold(night.Metadata.Name), night.Spec.Schedule is { } schedule ? Safe($"{schedule}{(night.Spec.TimeZone is { } zone ? $" {zone}" : "")}") : "once", Shown(state)];
        if (status.Run is { } run)
        {
            parts.Add($"run {Text(run.Number)}  {Safe(run.Progress)} experts{(run.Outcome is { } outcome ? $"  {outcome}  {Figures.Age(run.CompletionTime?.UtcDateTime, now)} ago" : "")}");
        }

        return new(string.Join("  ", parts), [.. Reason(state)]);
    }

    private static StatusNode Growth(Growth growth)
    {
        var (status, state) = (growth.Status, State.Of(growth.Status.Conditions));
        List<string> parts =
        [
            Bold(growth.Metadata.Name),
            state.IsReady ? $"{Shown(state)}: {Safe(state.Reason)}" : Shown(state),
            .. status.Grown is { } grown ? [Safe(grown)] : Array.Empty<string>(),
            .. status.Migrated is { } migrated ? [$"{Safe(migrated)} experts"] : Array.Empty<string>(),
            .. status.Divergence is { } divergence ? [$"divergence {Safe(divergence)} nats per token"] : Array.Empty<string>(),
        ];
        return new(string.Join("  ", parts), [.. Reason(state)]);
    }

    private static string Details(TrainingProgress progress) => string.Concat(
        progress is { Step: { } step, Steps: { } steps } ? $"  step {Figures.Whole(step)} of {Figures.Whole(steps)}" : "",
        progress.Loss is { } loss ? $"  loss {Safe(loss)}" : "",
        progress.TokensPerSecond is { } speed ? $"  {Figures.Whole(speed)} tokens/s" : "",
        progress.EtaSeconds is { } seconds ? $"  {Figures.Clock(seconds)} left" : "",
        progress.Rollbacks is { } rollbacks and > 0 ? $"  [yellow]rolled back {Text(rollbacks)}×[/]" : "",
        progress.Gauge is { } gauge ? $"  {Safe(gauge)}" : "");

    private static StatusNode Job(V1Job job, DateTimeOffset now)
    {
        var state = job.Status switch
        {
            { Active: > 0 } => "[blue]running[/]",
            _ when job.Spec.Suspend == true => "[yellow]suspended[/]",
            _ => "[yellow]waiting for a pod[/]",
        };
        var tries = job.Status?.Failed is { } failed and > 0 ? $"  [red]failed {Text(failed)}×[/]" : "";
        return new($"{Safe(job.Metadata.Name)}  {Safe(Tag(job, Labels.JobKind))}  {state}{tries}  {Figures.Age(job.Metadata.CreationTimestamp, now)}");
    }

    private static IEnumerable<StatusNode> Revisions(IReadOnlyList<StoredSet> sets, Backbone? backbone, DateTimeOffset now)
    {
        var status = backbone?.Status;
        foreach (var set in sets.Where((set, index) => index < MostRevisions || set.Revision == status?.ActiveRevision || set.Revision == status?.PreviousRevision))
        {
            var mark = set.Revision == status?.ActiveRevision ? "  [green]active[/]"
                : set.Revision == status?.PendingRevision ? "  [blue]being rolled out[/]"
                : set.GivenUp is not null ? "  [red]given up[/]"
                : set.Revision == status?.PreviousRevision ? "  previous" : "";
            var pin = set.Revision == backbone?.Spec.Serving.Revision ? "  [yellow]pinned by the spec[/]" : "";
            yield return new($"{Bold(Figures.Short(set.Revision))}{mark}{pin}  {Safe(set.Experts)}  {Figures.Age(set.Created, now)}");
        }

        if (sets.Count > MostRevisions)
        {
            yield return new($"[grey]{Text(sets.Count)} are kept; kubectl dylora rollback {Safe(sets[0].Backbone)} --list shows all[/]");
        }
    }

    private static IEnumerable<StatusNode> Reason(State state) => state.IsReady || state.Message.Length == 0 ? [] : [new($"[{state.Color}]{Safe(state.Message)}[/]")];

    private static IEnumerable<StatusNode> Group(string title, IEnumerable<StatusNode>? children) => children?.ToList() switch
    {
        null => [Unseen(title)],
        [] => [],
        var some => [new($"[bold]{title}[/]", some)],
    };

    private static StatusNode Unseen(string title) => new($"[grey]{title}: you have no right to see them[/]");

    private static string Shown(State state) => $"[{state.Color}]{Safe(state.IsFailed ? $"{state.Word}: {state.Reason}" : state.Word)}[/]";

    private static bool IsOver(V1Job job) => job.Status?.Conditions?.Any(condition => condition is { Type: "Complete" or "Failed", Status: "True" }) == true;

    private static string Tag(V1Job job, string label) => job.Metadata.Labels?.TryGetValue(label, out var value) == true ? value : "";

    private static string Bold(string text) => $"[bold]{Safe(text)}[/]";

    private static string Safe(string? text) => Markup.Escape(text ?? "");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
