namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>What standard error can show.</summary>
internal static class Screen
{
    /// <summary>Whether it goes back to the start of a line when told: a terminal, unless <c>TERM</c> says that it understands nothing.</summary>
    public static bool RewritesLines => !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
}
