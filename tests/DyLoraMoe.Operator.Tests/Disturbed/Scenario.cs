using DyLoraMoe.Api;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Backbones;
using DyLoraMoe.Operator.Experts;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Tests.World;
using k8s.Models;

namespace DyLoraMoe.Operator.Tests.Disturbed;

/// <summary>Lives of a cluster that come to the same whatever order things happen in, and what they came to.</summary>
internal static class Scenario
{
    /// <summary>New, covered, extending, harmful and deleted skills, and more data for one.</summary>
    public static async Task LongAsync(OperatorWorld world)
    {
        world.Apply();
        world.Learn("reverse");
        world.Learn("sum");
        await world.SettleAsync();
        world.Learn("same", "covered-by reverse");
        world.Learn("words", "extends sum");
        world.Learn("odd", "fails");
        await world.SettleAsync();
        world.Learn("harmful", "harms reverse");
        world.Learn("good", change: spec => spec.DeletionPolicy = DeletionPolicies.Delete);
        await world.SettleAsync();
        world.Server.Delete<Skill>(OperatorWorld.Namespace, "good");
        world.Learn("reverse", "more");
        await world.SettleAsync();
    }

    /// <summary>A skill, and another one that extends its expert.</summary>
    public static async Task ShortAsync(OperatorWorld world)
    {
        world.Apply();
        world.Learn("reverse");
        await world.SettleAsync();
        world.Learn("words", "extends reverse");
        await world.SettleAsync();
    }

    /// <summary>Two experts.</summary>
    public static async Task EveningAsync(OperatorWorld world)
    {
        world.Apply();
        world.Learn("reverse");
        world.Learn("sum", "dreams of harming reverse");
        await world.SettleAsync();
    }

    /// <summary>Two experts and a night for both, which does one of them good and is refused for the other.</summary>
    public static async Task NightAsync(OperatorWorld world)
    {
        await EveningAsync(world);
        world.Sleep();
        await world.SettleAsync();
    }

    /// <summary>Two experts, a backbone that grows under them, and more data for one of them afterwards.</summary>
    public static async Task GrowthAsync(OperatorWorld world)
    {
        await EveningAsync(world);
        world.Grow();
        await world.SettleAsync();
        world.Learn("reverse", "more");
        await world.SettleAsync();
    }

    /// <summary>One expert.</summary>
    public static async Task SproutAsync(OperatorWorld world)
    {
        world.Apply();
        world.Learn("reverse");
        await world.SettleAsync();
    }

    /// <summary>One expert, and a backbone that grows under it.</summary>
    public static async Task SmallGrowthAsync(OperatorWorld world)
    {
        await SproutAsync(world);
        world.Grow();
        await world.SettleAsync();
    }

    /// <summary>All that must be the same in the end: nothing about times and tries.</summary>
    public static string Picture(OperatorWorld world)
    {
        var lines = new List<string>();
        foreach (var expert in world.Server.All<LoraExpert>())
        {
            var status = expert.Status;
            lines.Add($"{expert.Metadata.Name}: {status.Artifact?.Digest} v{status.Artifact?.Version} {status.Stage} {status.MaturityPercent} {status.AdmittedDigest} {status.Served} cost {expert.Note(OwnNotes.GpuSeconds)}");
            lines.Add("  learnt " + LearnList.Format([.. status.TrainedOn ?? []]));
            lines.Add("  history " + string.Join(' ', (status.History ?? []).Select(entry => $"{entry.Version}:{entry.Reason}:{entry.Digest}")));
            lines.Add(Conditions(status));
        }

        foreach (var skill in world.Server.All<Skill>())
        {
            lines.Add($"{skill.Metadata.Name}: {skill.Status.Novelty?.Decision} {skill.Status.ExpertRef?.Name} {skill.Status.Dataset?.Digest} {skill.Status.Job}");
            lines.Add(Conditions(skill.Status));
        }

        foreach (var backbone in world.Server.All<Backbone>())
        {
            var status = backbone.Status;
            var deployment = world.Server.Find<V1Deployment>(OperatorWorld.Namespace, "tiny-router");
            lines.Add($"{backbone.Metadata.Name}: {status.ActiveRevision} {status.PendingRevision} {status.Experts} {status.RoutingMode} {status.RunningJobs} {status.WaitingJobs} pods {Rollouts.RevisionOf(deployment)}");
            lines.Add("  refused " + string.Join(' ', (status.Refused ?? []).Select(refusal => $"{refusal.Expert}@{refusal.Digest}")));
            lines.Add(Conditions(status));
        }

        foreach (var night in world.Server.All<Consolidation>())
        {
            var run = night.Status.Run;
            lines.Add($"{night.Metadata.Name}: {run?.Number} {run?.Outcome} {run?.Progress} {string.Join(' ', run?.Experts.Select(expert => $"{expert.Name} {expert.From} {expert.Stage} {expert.Artifact?.Digest}") ?? [])}");
            lines.Add(Conditions(night.Status));
        }

        foreach (var growth in world.Server.All<Growth>())
        {
            var status = growth.Status;
            lines.Add($"{growth.Metadata.Name}: {status.Terms} {status.From} {status.Backbone?.Artifact} {status.Migrated} {string.Join(' ', (status.Experts ?? []).Select(expert => $"{expert.Name} {expert.From} {expert.Artifact?.Digest}"))}");
            lines.Add(Conditions(status));
        }

        var ledger = world.Server.Find<V1ConfigMap>(OperatorWorld.Namespace, ChildNames.Ledger("tiny"))?.Data[Ledger.FileName];
        lines.Add("ledger " + (ledger is null ? null : ContractJson.Write(ContractJson.Read<Ledger>(ledger) with { Releases = 0 })));
        lines.Add("open " + string.Join(' ', world.Server.All<V1ConfigMap>().Where(map => map.Tag(Labels.JobKind) is not null && RequestStore.ResultOf(map) is null).Select(map => map.Metadata.Name)));
        return string.Join('\n', lines);
    }

    /// <summary>Work that was done, of the kinds that cost much: the same however often the operator fell over.</summary>
    public static IEnumerable<string> Work(OperatorWorld world) =>
        world.Work.Requests
            .Where(request => request.Kind is JobKind.Prepare or JobKind.Assess or JobKind.Train or JobKind.Consolidate or JobKind.Import or JobKind.Grow or JobKind.Migrate)
            .Select(request => $"{request.Kind} {request.Assess?.Skill}{request.Train?.Expert}{request.Consolidate?.From}{request.Grow?.Growth}{request.Migrate?.From} {string.Join(',', request.Train?.Learn.Select(skill => skill.Dataset) ?? [])}")
            .Order(StringComparer.Ordinal);

    /// <summary>Jobs that were made more than once under one name, or whose request was.</summary>
    public static IEnumerable<string> Twice(OperatorWorld world) =>
    [
        .. world.Work.Runs.Where(run => run.Value > 1).Select(run => run.Key),
        .. world.Server.Created.Where(key => key.StartsWith("V1Job/", StringComparison.Ordinal)).GroupBy(key => key).Where(group => group.Count() > 1).Select(group => group.Key),
    ];

    private static string Conditions(IConditioned status) => "  " + string.Join(' ', status.Conditions.Select(condition => $"{condition.Type}={condition.Status}:{condition.Reason}"));
}
