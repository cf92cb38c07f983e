using DyLoraMoe.CommandLine;
using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Commands;

/// <summary><c>dylora fit-router</c>.</summary>
internal static class FitRouterCommand
{
    /// <summary>The verb with its options.</summary>
    public static Verb Create()
    {
        var workspace = new WorkspaceOptions();
        var fitting = new RouterFitOptions();
        var json = SharedOptions.Json();
        var compute = new ComputeOptions();
        return new Verb("fit-router", "Fit the router again on what is stored of every skill, and serve it if no skill gets worse.")
        {
            Details = "The fit starts from the rows as they are and is held to its own past, so it changes little unless options such as --temperature do. A fit that makes a skill worse is refused, with exit code 3.",
            Examples = ["dylora fit-router --workspace work", "dylora fit-router --workspace work --temperature 0.5"],
        }.With([.. workspace.All, .. fitting.All, json, .. compute.All]).Runs(parsed =>
            WorkspaceVerb.Run(parsed, workspace, compute, fitting.Of(parsed), (session, stop) =>
            {
                var trial = new Maintenance(session, stop).FitRouter();
                if (!parsed.GetValue(json))
                {
                    var table = new Table("skill", "routed to its expert");
                    foreach (var (skill, share) in trial.Fitted.RoutedShares)
                    {
                        table.Add(skill, Table.Number(100 * share, 1) + " %");
                    }

                    table.WriteTo(Console.Out);
                    Console.WriteLine();
                }

                return WorkspaceVerb.Print(trial.Check, parsed.GetValue(json));
            }));
    }
}
