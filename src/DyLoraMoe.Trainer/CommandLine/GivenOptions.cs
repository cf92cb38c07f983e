using System.CommandLine;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>Tells what stands on a command line from what is as it usually is.</summary>
internal static class GivenOptions
{
    /// <summary>Refuses options that nobody would look at, where one was given.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="options">The options.</param>
    /// <param name="reason">What is to be said of the first that was given, behind its name.</param>
    /// <exception cref="UsageException">One was given.</exception>
    public static void Refuse(this ParseResult parsed, IEnumerable<Option> options, string reason)
    {
        if (options.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } given)
        {
            throw new UsageException($"{given.Name} {reason}");
        }
    }
}
