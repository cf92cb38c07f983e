using System.CommandLine;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Commands;

/// <summary>What the verbs that keep a workspace in order have in common.</summary>
internal static class WorkspaceVerb
{
    /// <summary>Opens workspace and session, runs, and turns a signal into an exit code.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="workspace">Which workspace.</param>
    /// <param name="compute">Device and type.</param>
    /// <param name="policy">What decides.</param>
    /// <param name="run">The work; returns the exit code.</param>
    public static int Run(ParseResult parsed, WorkspaceOptions workspace, ComputeOptions compute, LearningPolicy policy, Func<WorkspaceSession, CancellationToken, int> run)
    {
        using var place = workspace.Open(parsed);
        var on = compute.Apply(parsed, place.State.Backbone.Path);
        policy = policy with { Experts = policy.Experts with { Training = policy.Experts.Training with { Backbone = on.DataType } } };
        using var stop = StopRequest.Listen();
        try
        {
            using var session = WorkspaceSession.Open(place, on, policy);
            return run(session, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsRequested)
        {
            stop.ThrowIfRequested();
            throw;
        }
    }

    /// <summary>Prints a comparison with the active set.</summary>
    /// <returns>The exit code.</returns>
    public static int Print(RegressionReport check, bool asJson)
    {
        if (asJson)
        {
            Console.Write(JsonText.Of(check));
        }
        else
        {
            Console.Write(check.ToTable());
            Console.WriteLine(check.Summary);
        }

        return check.IsAccepted ? ExitCode.Done : ExitCode.Refused;
    }
}
