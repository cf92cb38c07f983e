using DyLoraMoe.CommandLine;
using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Commands;

/// <summary><c>dylora check</c>.</summary>
internal static class CheckCommand
{
    /// <summary>The verb with its options.</summary>
    public static Verb Create()
    {
        var workspace = new WorkspaceOptions();
        var set = OptionOf.Text("--set", "DIGEST", "A set of the workspace's store to compare with the active one; what does not serve goes with the next change. [default: the active one itself, a control]");
        var expert = OptionOf.Text("--expert", "NAME", "With --adapter: the expert to replace.");
        var adapter = SharedOptions.Adapter();
        var json = SharedOptions.Json();
        var compute = new ComputeOptions();
        return new Verb("check", "Compare a candidate set of experts and router with the active one on every skill's held-out data. Nothing is changed.")
        {
            Details = "A skill may lose at most 0.01 nats per token, or 1 % where that is more, with 95 % certainty. Exit code 3 when one loses more.",
            Examples = ["dylora check --workspace work --expert reverse --adapter other/reverse", "dylora check --workspace work --set sha256:..."],
        }.With([.. workspace.All, set, expert, adapter, json, .. compute.All]).Runs(parsed =>
        {
            var (digest, name, folder) = (parsed.GetValue(set), parsed.GetValue(expert), parsed.GetValue(adapter));
            if ((name is null) != (folder is null) || (digest is not null && name is not null))
            {
                throw new UsageException("Give either --set, or --expert together with --adapter.");
            }

            return WorkspaceVerb.Run(parsed, workspace, compute, (session, stop) =>
            {
                var maintenance = new Maintenance(session, stop);
                var check = name is not null ? maintenance.CheckReplacement(name, folder!) : maintenance.Check(digest ?? session.Workspace.State.ActiveSet ?? "");
                return WorkspaceVerb.Print(check, parsed.GetValue(json));
            });
        });
    }
}
