using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Core.Tokenization.Chat;

namespace DyLoraMoe.Core.Data;

/// <summary>A model's own tokenizer as data preparation sees it. Text from outside never becomes special tokens.</summary>
public sealed class TextTokenSource : ITokenSource
{
    private readonly TextTokenizer _tokenizer;

    /// <summary>Looks at what <paramref name="tokenizer"/> puts around a text.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    public TextTokenSource(TextTokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        _tokenizer = tokenizer;

        // Some tokenizers have a begin token and never write it; a model must not be shown what it was not trained on.
        BosId = tokenizer.BosId is { } bos && tokenizer.Encode(string.Empty).Contains(bos) ? bos : null;
    }

    /// <inheritdoc/>
    public int? BosId { get; }

    /// <inheritdoc/>
    public int? EosId => _tokenizer.EosId;

    /// <inheritdoc/>
    public int[] Encode(string text, bool addSpecialTokens) => _tokenizer.Encode(text, addSpecialTokens, parseSpecialTokens: false);

    /// <inheritdoc/>
    public int[] EncodeAnswer(string text) => _tokenizer.EncodeAnswer(text);

    /// <inheritdoc/>
    public int? EndOfTurnId => _tokenizer.EndOfTurnId;

    /// <inheritdoc/>
    public int[] EncodeChat(IReadOnlyList<ChatMessage> messages) => _tokenizer.EncodeChat(messages);
}
