namespace DyLoraMoe.Router.Engine;

/// <summary>One sequence to generate.</summary>
/// <param name="Prompt">Token ids; at least one, each in the vocabulary.</param>
/// <param name="Settings">How to choose tokens.</param>
/// <param name="Choice">Who decides on the experts.</param>
internal sealed record GenerationRequest(int[] Prompt, SamplingSettings Settings, ExpertChoice Choice)
{
    /// <summary>Name under which the traffic monitor remembers the prompt; null for one that it should not count, such as a further choice of a prompt.</summary>
    public string? Id { get; init; }
}
