using DyLoraMoe.CommandLine;
using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Commands;

/// <summary><c>dylora merge</c>.</summary>
internal static class MergeCommand
{
    /// <summary>The verb with its options.</summary>
    public static Verb Create()
    {
        var workspace = new WorkspaceOptions();
        var kept = OptionOf.Text("--into", "NAME", "The expert that takes both skills.", required: true);
        var merged = OptionOf.Text("--expert", "NAME", "The expert that goes to the archive.", required: true);
        var merging = new MergeOptions();
        var json = SharedOptions.Json();
        var compute = new ComputeOptions(trains: true);
        return new Verb("merge", "Make one expert of two, if neither skill and no other gets worse.")
        {
            Details = "The exact union of both is cut to the larger rank, each skill's own expert teaches the result for a short while, and all skills are checked. "
                + "What does not pass is dropped, with the figures and exit code 3. The merged expert goes to the archive; prune --restore undoes the merge, if no skill gets worse.",
            Examples = ["dylora merge --workspace work --into reverse --expert reverse-2"],
        }.With([.. workspace.All, kept, merged, .. merging.All, json, .. compute.All]).Runs(parsed =>
        {
            var (into, from) = (parsed.GetValue(kept)!, parsed.GetValue(merged)!);
            if (into == from)
            {
                throw new UsageException("--into and --expert name the same expert; merging needs two.");
            }

            return WorkspaceVerb.Run(parsed, workspace, compute, (session, stop) =>
            {
                var maintenance = new Maintenance(session, stop);
                if (maintenance.IsMerged(into, from))
                {
                    return WorkspaceVerb.NothingToDo($"'{from}' was merged into '{into}' already", parsed.GetValue(json));
                }

                var (merge, trial) = maintenance.Merge(into, from, merging.Of(parsed));
                Console.Error.WriteLine(merge.Reason);
                return WorkspaceVerb.Print(trial?.Check ?? merge.Regression, parsed.GetValue(json));
            });
        });
    }
}
