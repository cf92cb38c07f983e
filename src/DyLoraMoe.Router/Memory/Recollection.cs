using DyLoraMoe.Core.Memory;
using DyLoraMoe.Router.Engine;

namespace DyLoraMoe.Router.Memory;

/// <summary>What the memory adds to one prompt: nothing, an answer, or episodes in its context.</summary>
/// <param name="Episodes">The episodes, the most alike first.</param>
internal sealed record Recollection(IReadOnlyList<EpisodeHit> Episodes)
{
    /// <summary>Nothing.</summary>
    public static Recollection Nothing { get; } = new([]);

    /// <summary>The answer to this very question, as token ids with an end; null when there is none.</summary>
    public int[]? Answer { get; init; }

    /// <summary>The prompt with the episodes before it; null when it stays as it is.</summary>
    public int[]? Prompt { get; init; }

    /// <summary>Features of the prompt as it came; null when it stays as it is.</summary>
    public float[]? Features { get; init; }

    /// <summary>How often the engine had let go of kept prompts before the memory was asked.</summary>
    public int Forgettings { get; init; }

    /// <summary>How the episodes are used.</summary>
    public string Use => Answer is null ? "context" : "answer";

    /// <summary>The request with what is added.</summary>
    /// <param name="request">The request as it came.</param>
    public GenerationRequest AddTo(GenerationRequest request) => Prompt is null
        ? request with { Recalled = Answer }
        : request with { Prompt = Prompt, Bare = new BarePrompt(request.Prompt, Features!, Forgettings) };
}
