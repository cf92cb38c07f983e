using DyLoraMoe.Router.Engine;

namespace DyLoraMoe.Router.Endpoints;

/// <summary>An answer, or what a chunk adds to one.</summary>
/// <param name="Index">Which answer.</param>
/// <param name="Text">Its text.</param>
/// <param name="Tokens">Its tokens with their probabilities; empty unless asked for.</param>
internal sealed record AnswerPart(int Index, string Text, IReadOnlyList<TokenLogprob> Tokens)
{
    /// <summary>Why the answer ended; null while it goes on.</summary>
    public SequenceEnd? End { get; init; }

    /// <summary>Whether nothing of this answer came before.</summary>
    public bool IsFirst { get; init; }

    /// <summary>Why the answer ended, as OpenAI says it.</summary>
    public string? FinishReason => End switch
    {
        null => null,
        SequenceEnd.Length => "length",
        _ => "stop",
    };
}
