using System.CommandLine;
using System.Text.Json.Nodes;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Kubectl.Cluster;
using DyLoraMoe.Kubectl.CommandLine;
using DyLoraMoe.Kubectl.Completion;
using DyLoraMoe.Kubectl.Output;

namespace DyLoraMoe.Kubectl.Rollback;

/// <summary><c>kubectl dylora rollback</c>: serves a revision of before, by <c>spec.serving.revision</c>.</summary>
internal static class RollbackCommand
{
    private static readonly TimeSpan _between = TimeSpan.FromMilliseconds(500);

    /// <summary>The verb with its options.</summary>
    public static Verb Create(GlobalOptions global, Terminal terminal)
    {
        var backbone = new Argument<string>("BACKBONE") { Description = "The Backbone." };
        var to = new Option<string?>("--to") { Description = "The revision, or its first digits. [default: the one that was served before]", HelpName = "REVISION" };
        var list = new Option<bool>("--list") { Description = "Show the revisions that are kept, and change nothing." };
        var follow = new Option<bool>("--follow") { Description = "Take the pin away: serve the newest accepted revision again." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would be done; the API server checks it." };
        var wait = new Option<bool>("--wait") { Description = "Wait until all pods serve it." };
        var timeout = new Option<int?>("--timeout") { Description = "Longest wait. [default: as long as it takes]", HelpName = "SECONDS" };
        return new PluginVerb("rollback", "Serve a set revision of before, until further notice.")
        {
            Details = "Sets spec.serving.revision of the Backbone, which the operator holds to: pods are replaced one after the other and no request fails, and nothing newer is served until --follow takes the field away. Training goes on meanwhile. "
                + "A revision from before the backbone grew brings the smaller one back, with the experts of that set. "
                + "Where the Backbone comes from a Git repository that sets the field, change it there.",
            Examples = ["kubectl dylora rollback tiny --list", "kubectl dylora rollback tiny --wait", "kubectl dylora rollback tiny --to 3f2a9b1c0d", "kubectl dylora rollback tiny --follow"],
            Completes = CompletionSource.Backbones,
        }.With(backbone, to, list, follow, dryRun, wait, timeout).Runs(async (parsed, stop) =>
        {
            if ((parsed.GetValue(to) is not null ? 1 : 0) + (parsed.GetValue(list) ? 1 : 0) + (parsed.GetValue(follow) ? 1 : 0) > 1)
            {
                throw new PluginException("--to, --list and --follow exclude each other.", ExitCode.Usage);
            }

            using var cluster = global.Connect(parsed);
            var found = await cluster.BackboneAsync(parsed.GetValue(backbone), stop).ConfigureAwait(false);
            var sets = await cluster.RevisionsAsync(found.Metadata.Name, stop).ConfigureAwait(false);
            var lines = RevisionList.Lines(found, sets, TimeProvider.System.GetUtcNow());
            if (parsed.GetValue(list))
            {
                Write(lines, terminal);
                return ExitCode.Done;
            }

            var target = parsed.GetValue(follow) ? null
                : parsed.GetValue(to) is { } wanted ? RevisionList.Find(found, sets, wanted)
                : RevisionList.Previous(found, sets) ?? throw new PluginException($"Backbone {found.Metadata.Name} keeps no revision of before the active one.");
            if (target is not null && parsed.GetValue(to) is null)
            {
                Write(lines, terminal);
            }

            var patch = new JsonObject { ["spec"] = new JsonObject { ["serving"] = new JsonObject { ["revision"] = target?.Revision } } };
            var now = await cluster.PatchBackboneAsync(found.Metadata.Name, patch, parsed.GetValue(dryRun), stop).ConfigureAwait(false);
            terminal.Writer.WriteLine((target is null
                ? $"Backbone {found.Metadata.Name} follows the newest accepted revision again"
                : $"Backbone {found.Metadata.Name} goes to revision {Figures.Short(target.Revision)} ({target.Experts}) and stays there; --follow lets it follow the newest again") + (parsed.GetValue(dryRun) ? " (dry run: nothing was changed)." : ".") + (target is null ? "" : RevisionList.Moves(found, sets, target)));
            return parsed.GetValue(wait) && !parsed.GetValue(dryRun)
                ? await WaitAsync(cluster, now, target, parsed.GetValue(timeout), terminal, stop).ConfigureAwait(false)
                : ExitCode.Done;
        });
    }

    private static async Task<int> WaitAsync(ClusterClient cluster, Backbone patched, StoredSet? target, int? timeout, Terminal terminal, CancellationToken stop)
    {
        var (name, begin, errors) = (patched.Metadata.Name, TimeProvider.System.GetTimestamp(), new PassingErrors(terminal.Error.WriteLine));
        while (true)
        {
            var backbone = await errors.OutlastAsync(() => cluster.BackboneAsync(name, stop)).ConfigureAwait(false);
            if (backbone?.Status is { } status && status.ObservedGeneration >= patched.Metadata.Generation)
            {
                var roll = status.Conditions.Find(ConditionTypes.RolledOut);
                if ((target is null || status.ActiveRevision == target.Revision) && status.PendingRevision is null && roll?.Status == ConditionStatus.True)
                {
                    terminal.Writer.WriteLine($"All pods serve revision {Figures.Short(status.ActiveRevision)}.");
                    return ExitCode.Done;
                }

                if (roll?.Status == ConditionStatus.False)
                {
                    throw new PluginException($"{roll.Reason}: {roll.Message}", ExitCode.Refused);
                }
            }

            if (timeout is { } seconds && TimeProvider.System.GetElapsedTime(begin) > TimeSpan.FromSeconds(seconds))
            {
                throw new PluginException($"not rolled out within {seconds} s; it goes on without you: {Shell.Name} status {name}", ExitCode.TimedOut);
            }

            await Task.Delay(_between, stop).ConfigureAwait(false);
        }
    }

    private static void Write(IEnumerable<string> lines, Terminal terminal)
    {
        foreach (var line in lines)
        {
            terminal.Writer.WriteLine(line);
        }
    }
}
