namespace DyLoraMoe.Core.Tokenization.Chat;

/// <summary>
/// Writes a conversation the way a family of models was trained to read it. Templates on disk are Jinja programs;
/// this does not run them but recognises whose they are.
/// </summary>
public abstract class ChatTemplate
{
    private protected ChatTemplate(string name)
    {
        Name = name;
    }

    /// <summary>The family, such as <c>ChatML</c>.</summary>
    public string Name { get; }

    /// <summary>The conversation as one text.</summary>
    /// <param name="messages">The conversation so far.</param>
    /// <param name="addGenerationPrompt">Ends with the beginning of an answer, for the model to go on from.</param>
    /// <exception cref="ArgumentException">The conversation does not fit the template.</exception>
    public string Render(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt = true)
        => string.Concat(Write(messages, addGenerationPrompt).Select(part => part.Text));

    /// <summary>Recognises a tokenizer's template by its text or, without one, by the markers among its tokens.</summary>
    internal static ChatTemplate Detect(TextTokenizer tokenizer)
    {
        var text = tokenizer.ChatTemplateText;
        var bos = TokenText(tokenizer, tokenizer.BosId);
        if (Has("<|im_start|>"))
        {
            return new ChatMlTemplate(text, bos);
        }

        if (Has("<|start_header_id|>"))
        {
            return new Llama3Template(text, bos);
        }

        if (Has("<start_of_turn>"))
        {
            return new GemmaTemplate(bos);
        }

        if (text is not null && text.Contains("[/INST]", StringComparison.Ordinal) && text.Contains("<<SYS>>", StringComparison.Ordinal))
        {
            return new Llama2Template(bos, TokenText(tokenizer, tokenizer.EosId));
        }

        const string Known = "Supported: ChatML (<|im_start|>), Llama 2 ([INST] with <<SYS>>), Llama 3 (<|start_header_id|>) and Gemma (<start_of_turn>).";
        throw new NotSupportedException(text is null
            ? $"The tokenizer has no chat template and no markers of a known one. {Known}"
            : $"The chat template is of no known kind; it begins '{(text.Length > 80 ? text[..80] : text)}'. {Known}");

        bool Has(string marker) => text?.Contains(marker, StringComparison.Ordinal) ?? tokenizer.TokenId(marker) is not null;
    }

    /// <summary>The conversation in parts: the template's own markers, and text from the messages.</summary>
    internal IReadOnlyList<(string Text, bool IsMarker)> Write(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt)
    {
        ArgumentNullException.ThrowIfNull(messages);
        if (messages.Count == 0)
        {
            throw new ArgumentException("A conversation needs at least one message.", nameof(messages));
        }

        foreach (var message in messages)
        {
            if (message.Role is not ("system" or "user" or "assistant"))
            {
                throw new ArgumentException($"A message has the role '{message.Role}'; it should be system, user or assistant.", nameof(messages));
            }
        }

        TemplateWriter writer = new();
        WriteTo(writer, messages, addGenerationPrompt);
        return writer.Parts;
    }

    private protected abstract void WriteTo(TemplateWriter writer, IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt);

    /// <summary>Templates without a place for it refuse what their original refuses.</summary>
    private protected void RequireAlternation(IReadOnlyList<ChatMessage> messages, int first)
    {
        for (var i = first; i < messages.Count; i++)
        {
            var expected = (i - first) % 2 == 0 ? "user" : "assistant";
            if (messages[i].Role != expected)
            {
                throw new ArgumentException($"{Name} conversations alternate user and assistant; message {i} should be of the {expected}, but is of the {messages[i].Role}.", nameof(messages));
            }
        }
    }

    private static string TokenText(TextTokenizer tokenizer, int? id) => id is { } known ? tokenizer.TokenText(known) ?? string.Empty : string.Empty;

    /// <summary>Collects the parts of a conversation.</summary>
    private protected sealed class TemplateWriter
    {
        public List<(string Text, bool IsMarker)> Parts { get; } = [];

        public TemplateWriter Marker(string text)
        {
            if (text.Length > 0)
            {
                Parts.Add((text, true));
            }

            return this;
        }

        public TemplateWriter Content(string text)
        {
            if (text.Length > 0)
            {
                Parts.Add((text, false));
            }

            return this;
        }
    }
}
