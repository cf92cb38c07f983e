using System.CommandLine;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Commands;

/// <summary>What the verbs that keep a workspace in order have in common.</summary>
internal static class WorkspaceVerb
{
    /// <summary>Opens a workspace that decides by its defaults, runs, and turns a signal into an exit code.</summary>
    public static int Run(ParseResult parsed, WorkspaceOptions workspace, ComputeOptions compute, Func<WorkspaceSession, CancellationToken, int> run) =>
        Run(parsed, compute, workspace.Open(parsed), run);

    /// <summary>The same for a workspace that is open; it is closed in the end.</summary>
    public static int Run(ParseResult parsed, ComputeOptions compute, Workspace workspace, Func<WorkspaceSession, CancellationToken, int> run) =>
        Run(parsed, compute, new LearningPolicy(), workspace, run);

    /// <summary>The same for a workspace that decides otherwise.</summary>
    public static int Run(ParseResult parsed, WorkspaceOptions workspace, ComputeOptions compute, LearningPolicy policy, Func<WorkspaceSession, CancellationToken, int> run) =>
        Run(parsed, compute, policy, workspace.Open(parsed), run);

    /// <summary>The same with data and options of learning.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="workspace">Which workspace.</param>
    /// <param name="compute">Device and type.</param>
    /// <param name="learning">What decides.</param>
    /// <param name="data">Which data.</param>
    /// <param name="creates">Whether a workspace that is not there is made.</param>
    /// <param name="run">The work; returns the exit code.</param>
    public static int Run(ParseResult parsed, WorkspaceOptions workspace, ComputeOptions compute, LearningOptions learning, DataOptions data, bool creates, Func<WorkspaceSession, CancellationToken, int> run)
    {
        var loss = data.LossOf(parsed);
        var policy = learning.Of(parsed);
        if (creates && workspace.ModelOf(parsed) is { } model)
        {
            policy = learning.Within(parsed, policy, model);
        }

        var asked = policy.Data with { Loss = loss ?? policy.Data.Loss };
        var place = workspace.Open(parsed, creates ? asked : null);
        try
        {
            learning.RequireSame(parsed, place.State.Data, asked, loss);
        }
        catch
        {
            place.Dispose();
            throw;
        }

        return Run(parsed, compute, policy, place, run);
    }

    private static int Run(ParseResult parsed, ComputeOptions compute, LearningPolicy policy, Workspace workspace, Func<WorkspaceSession, CancellationToken, int> run)
    {
        using var place = workspace;
        var on = compute.Apply(parsed, place.State.Backbone.Path);
        policy = policy with { Experts = policy.Experts with { Training = policy.Experts.Training with { Backbone = on.DataType } } };
        using var stop = StopRequest.Listen();
        try
        {
            using var session = WorkspaceSession.Open(place, on, policy, stop: stop.Token);
            return run(session, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsRequested)
        {
            stop.ThrowIfRequested();
            throw;
        }
    }

    /// <summary>Says that what was asked for is so already, as after a kill right behind the commit.</summary>
    /// <returns>The exit code.</returns>
    public static int NothingToDo(string why, bool asJson)
    {
        Console.Error.WriteLine($"nothing to do: {why}");
        if (asJson)
        {
            Console.Write(JsonText.Of(new RegressionReport([])));
        }

        return ExitCode.Done;
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
