namespace DyLoraMoe.Kubectl.CommandLine;

/// <summary>Something that ends the program, in words for the person who called it.</summary>
/// <param name="message">What was expected, what was found, and what to do.</param>
/// <param name="code">How the program ends.</param>
internal sealed class PluginException(string message, int code = ExitCode.Failed) : Exception(message)
{
    /// <summary>How the program ends.</summary>
    public int Code { get; } = code;
}
