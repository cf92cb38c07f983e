using System.Text.RegularExpressions;

namespace DyLoraMoe.Core.Tokenization.Chat;

/// <summary>ChatML, as Qwen and many others use it; with the system prompt that the template gives by itself, where it does.</summary>
internal sealed partial class ChatMlTemplate : ChatTemplate
{
    private readonly string _bos;
    private readonly string? _defaultSystem;

    public ChatMlTemplate(string? template, string bos)
        : base("ChatML")
    {
        _bos = template?.Contains("bos_token", StringComparison.Ordinal) == true ? bos : string.Empty;
        _defaultSystem = template is not null && DefaultSystem().Match(template) is { Success: true } match ? match.Groups["text"].Value : null;
    }

    private protected override void WriteTo(TemplateWriter writer, IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt)
    {
        writer.Marker(_bos);
        if (_defaultSystem is not null && messages[0].Role != "system")
        {
            WriteTurn(writer, new ChatMessage("system", _defaultSystem));
        }

        foreach (var message in messages)
        {
            WriteTurn(writer, message);
        }

        if (addGenerationPrompt)
        {
            writer.Marker("<|im_start|>assistant\n");
        }
    }

    private static void WriteTurn(TemplateWriter writer, ChatMessage message)
        => writer.Marker($"<|im_start|>{message.Role}\n").Content(message.Content).Marker("<|im_end|>\n");

    // In the template's source the line break is an escape.
    [GeneratedRegex(@"<\|im_start\|>system(?:\\n|\n)(?<text>[^'""{}<>\\]+)<\|im_end\|>")]
    private static partial Regex DefaultSystem();
}
