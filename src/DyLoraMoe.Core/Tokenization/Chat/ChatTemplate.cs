using DyLoraMoe.Core.Tokenization.Chat.Templates;
using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat;

/// <summary>
/// Writes a conversation the way a model was trained to read it, by running the model's own template. What the template writes and what
/// the messages hold stay apart, whatever the template does with them.
/// </summary>
public sealed class ChatTemplate
{
    // Where these are no tokens, no tokenizer can keep content from looking like them.
    private static readonly string[] _instructionTags = ["[INST]", "[/INST]", "<<SYS>>", "<</SYS>>"];

    private readonly Template _template;
    private readonly List<KeyValuePair<string, Value>> _known;
    private readonly List<string> _plainTags;

    /// <summary>Reads a template.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="text">Its source.</param>
    /// <param name="tokens">Texts of special tokens under the names by which templates know them.</param>
    /// <param name="isToken">Whether the tokenizer has a token of its own for a text.</param>
    internal ChatTemplate(string name, string text, IReadOnlyDictionary<string, string> tokens, Predicate<string> isToken)
    {
        Name = name;
        _template = Template.Parse(text);
        _known =
        [
            .. tokens.Select(token => KeyValuePair.Create<string, Value>(token.Key, TextValue.Of(token.Value))),
            KeyValuePair.Create<string, Value>("tools", NoneValue.Instance),
            KeyValuePair.Create<string, Value>("documents", NoneValue.Instance),
        ];
        _plainTags = [.. _instructionTags.Where(tag => text.Contains(tag, StringComparison.Ordinal) && !isToken(tag))];
    }

    /// <summary><c>jinja</c> for the folder's own template; without one, the family whose usual template stands in for it, such as <c>ChatML</c>.</summary>
    public string Name { get; }

    /// <summary>The conversation as one text.</summary>
    /// <param name="messages">The conversation so far.</param>
    /// <param name="addGenerationPrompt">Ends with the beginning of an answer, for the model to go on from.</param>
    /// <param name="clock">Tells the date to a template that states it; null gives 26 July 2024, so that prompts are the same every day.</param>
    /// <exception cref="ArgumentException">The conversation does not fit the template.</exception>
    public string Render(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt = true, TimeProvider? clock = null)
        => string.Concat(Write(messages, addGenerationPrompt, clock).Select(piece => piece.Text));

    /// <summary>The conversation in pieces: the template's own text, and text from the messages.</summary>
    internal IReadOnlyList<TextPiece> Write(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt, TimeProvider? clock)
    {
        Check(messages);
        return _template.Render(
            [
                .. _known,
                KeyValuePair.Create<string, Value>("messages", new ListValue([.. messages.Select(ValueOf)])),
                KeyValuePair.Create<string, Value>("add_generation_prompt", BooleanValue.Of(addGenerationPrompt)),
            ],
            clock);
    }

    /// <summary>A message as templates see it. Its role is one of three known words, so it may be part of a marker.</summary>
    private static DictionaryValue ValueOf(ChatMessage message) => new(
    [
        KeyValuePair.Create<Value, Value>(TextValue.Of("role"), TextValue.Of(message.Role)),
        KeyValuePair.Create<Value, Value>(TextValue.Of("content"), TextValue.Of(message.Content, message.Role == "assistant" ? TextOrigin.Answer : TextOrigin.Outside)),
    ]);

    private void Check(IReadOnlyList<ChatMessage> messages)
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

            if (_plainTags.Find(tag => message.Content.Contains(tag, StringComparison.Ordinal)) is { } tag)
            {
                throw new ArgumentException($"A message holds '{tag}', which the model reads as an instruction marker. Take it out.", nameof(messages));
            }
        }
    }
}
