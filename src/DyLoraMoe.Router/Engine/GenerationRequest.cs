using DyLoraMoe.Core.Tokenization.Chat;

namespace DyLoraMoe.Router.Engine;

/// <summary>One sequence to generate.</summary>
/// <param name="Prompt">Token ids; at least one, each in the vocabulary.</param>
/// <param name="Settings">How to choose tokens.</param>
/// <param name="Choice">Who decides on the experts.</param>
internal sealed record GenerationRequest(int[] Prompt, SamplingSettings Settings, ExpertChoice Choice)
{
    /// <summary>Name under which the traffic monitor remembers the prompt; null for one that it should not count, such as a further choice of a prompt.</summary>
    public string? Id { get; init; }

    /// <summary>Which of its prompt's answers it is, which decides on its draws.</summary>
    public int Answer { get; init; }

    /// <summary>Whether the prompt's tokens are named with their probabilities, by whoever reads them: experts where they act in the prompt, the backbone elsewhere.</summary>
    public bool NamesPrompt { get; init; }

    /// <summary>Tokens that the answer begins with, whatever the model would say; null for none.</summary>
    public int[]? Recalled { get; init; }

    /// <summary>The prompt as it came, when <see cref="Prompt"/> has more in front of it: experts are chosen by it. Null when it is the prompt.</summary>
    public BarePrompt? Bare { get; init; }

    /// <summary>The conversation that the prompt was made of; null for a plain prompt, and where nobody asks for it.</summary>
    public IReadOnlyList<ChatMessage>? Messages { get; init; }
}

/// <summary>A prompt as it came.</summary>
/// <param name="Prompt">Token ids.</param>
/// <param name="Features">Its features, F numbers.</param>
/// <param name="Forgettings">How often kept prompts had been let go of when the memory was asked: what it told may be deleted since.</param>
internal sealed record BarePrompt(int[] Prompt, float[] Features, int Forgettings);
