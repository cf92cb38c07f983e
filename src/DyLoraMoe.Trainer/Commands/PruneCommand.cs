using System.Text.Json.Nodes;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Commands;

/// <summary><c>dylora prune</c>.</summary>
internal static class PruneCommand
{
    /// <summary>The verb with its options.</summary>
    public static Verb Create()
    {
        var policy = new PruningPolicy();
        var workspace = new WorkspaceOptions();
        var usage = OptionOf.Text("--usage", "FILE", "JSON: requests that each expert got, such as {\"reverse\": 120, \"(backbone)\": 4000}.");
        var restore = OptionOf.Text("--restore", "NAME", "Take an expert back from the archive instead.");
        var use = OptionOf.Number("--least-use", "SHARE", $"Share of requests below which an expert is hardly used. [default: {policy.LeastUse}]", 0, 1);
        var requests = OptionOf.Whole("--least-requests", "N", $"Requests before use is judged. [default: {policy.LeastRequests}]", 1);
        var loss = OptionOf.Number("--most-loss", "NATS", $"What its skill may lose without it, per token. [default: {policy.MostLoss}]", 0, 100);
        var json = SharedOptions.Json();
        var compute = new ComputeOptions();
        return new Verb("prune", "Move experts that are hardly used and not missed to the archive, or take one back.")
        {
            Details = "Both must hold: the expert got hardly any requests, and its skill loses nothing without it. Archiving keeps the weights; --restore undoes it. "
                + "An expert that was merged gets its skills back, and the one that took them is again what it was, unless it has learnt since. A set that makes a skill worse is refused, with exit code 3; other experts go all the same.",
            Examples = ["dylora prune --workspace work --usage usage.json", "dylora prune --workspace work --restore reverse"],
        }.With([.. workspace.All, usage, restore, use, requests, loss, json, .. compute.All]).Runs(parsed =>
        {
            var (file, back) = (parsed.GetValue(usage), parsed.GetValue(restore));
            if ((file is null) == (back is null))
            {
                throw new UsageException("Give either --usage or --restore.");
            }

            var limits = policy with
            {
                LeastUse = parsed.GetValue(use) ?? policy.LeastUse,
                LeastRequests = parsed.GetValue(requests) ?? policy.LeastRequests,
                MostLoss = parsed.GetValue(loss) ?? policy.MostLoss,
            };
            var counts = file is null ? [] : Counts(file);
            return WorkspaceVerb.Run(parsed, workspace, compute, (session, stop) =>
            {
                var maintenance = new Maintenance(session, stop);
                if (back is null)
                {
                    var decisions = maintenance.Prune(counts, limits);
                    Print(decisions, parsed.GetValue(json));
                    return decisions.Values.Any(decision => decision.IsRefused) ? ExitCode.Refused : ExitCode.Done;
                }

                return maintenance.IsServed(back)
                    ? WorkspaceVerb.NothingToDo($"'{back}' is in the set already", parsed.GetValue(json))
                    : WorkspaceVerb.Print(maintenance.Restore(back).Check, parsed.GetValue(json));
            });
        });
    }

    private static Dictionary<string, long> Counts(string file)
    {
        var counts = JsonText.Read<Dictionary<string, long>>(file);
        return counts.FirstOrDefault(pair => pair.Value < 0) is { Key: { } expert, Value: var count }
            ? throw new UsageException($"{file} says that expert '{expert}' got {count} requests; expected 0 or more.")
            : counts;
    }

    private static void Print(IReadOnlyDictionary<string, PruningDecision> decisions, bool asJson)
    {
        if (asJson)
        {
            Console.WriteLine(new Report().Add("experts", new JsonArray([.. decisions.Select(pair => (JsonNode?)new JsonObject
            {
                ["expert"] = pair.Key,
                ["archived"] = pair.Value.Archives,
                ["refused"] = pair.Value.IsRefused,
                ["reason"] = pair.Value.Reason,
            })])).ToJson());
            return;
        }

        foreach (var (name, decision) in decisions)
        {
            Console.WriteLine($"{name}: {(decision.Archives ? "archived" : "kept")}, {decision.Reason}");
        }
    }
}
