using DyLoraMoe.Core.Tokenization.Chat;

namespace DyLoraMoe.Core.Data;

/// <summary>All that data preparation asks of a tokenizer.</summary>
public interface ITokenSource
{
    /// <summary>The id that begins a sequence, or null when the model uses none.</summary>
    int? BosId { get; }

    /// <summary>The id that ends an answer, or null when the model has none.</summary>
    int? EosId { get; }

    /// <summary>The ids of <paramref name="text"/>.</summary>
    /// <param name="text">Any text, also empty.</param>
    /// <param name="addSpecialTokens">Whether the tokenizer adds its own begin and end; data preparation passes false and places them itself.</param>
    int[] Encode(string text, bool addSpecialTokens);

    /// <summary>The ids of <paramref name="text"/> as the answer that continues a prompt: with the prompt's they are the ids of both, one after the other.</summary>
    /// <param name="text">Any text, also empty.</param>
    int[] EncodeAnswer(string text);

    /// <summary>The id that ends an answer in a conversation, or null when the model has none.</summary>
    int? EndOfTurnId => EosId;

    /// <summary>The ids of a conversation up to where the answer begins, with all that the chat template puts in front of it.</summary>
    /// <param name="messages">The conversation.</param>
    /// <exception cref="NotSupportedException">The model has no chat template, or one that is not supported.</exception>
    /// <exception cref="ArgumentException">The conversation does not fit the template.</exception>
    int[] EncodeChat(IReadOnlyList<ChatMessage> messages) => throw new NotSupportedException("These tokens know no chat template.");
}
