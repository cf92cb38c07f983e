using DyLoraMoe.CommandLine;
using DyLoraMoe.Kubectl.Completion;

namespace DyLoraMoe.Kubectl.CommandLine;

/// <summary>A verb whose argument a shell can complete.</summary>
/// <param name="name">Name on the command line.</param>
/// <param name="description">What it does, in one sentence.</param>
internal sealed class PluginVerb(string name, string description) : Verb(name, description)
{
    /// <summary>What stands in place of its argument: names of objects, words, or files.</summary>
    public required CompletionSource Completes { get; init; }
}
