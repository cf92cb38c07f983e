namespace DyLoraMoe.Core.Tokenization.Chat;

/// <summary>
/// Llama 2. Its instruction markers are plain text, so no tokenizer can keep content from looking like them;
/// content that holds one is refused, as in Meta's own code.
/// </summary>
internal sealed class Llama2Template(string bos, string eos) : ChatTemplate("Llama 2")
{
    private static readonly string[] Tags = ["[INST]", "[/INST]", "<<SYS>>", "<</SYS>>"];

    private protected override void WriteTo(TemplateWriter writer, IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt)
    {
        var first = messages[0].Role == "system" ? 1 : 0;
        RequireAlternation(messages, first);
        RefuseTags(messages);
        for (var i = first; i < messages.Count; i++)
        {
            var content = messages[i].Content;
            if (messages[i].Role == "assistant")
            {
                writer.Marker(" ").Content(content.Trim()).Marker($" {eos}");
            }
            else if (i == 1 && first == 1)
            {
                writer.Marker($"{bos}[INST] <<SYS>>\n").Content(messages[0].Content).Marker("\n<</SYS>>\n\n").Content(content.TrimEnd()).Marker(" [/INST]");
            }
            else
            {
                writer.Marker($"{bos}[INST] ").Content(content.Trim()).Marker(" [/INST]");
            }
        }
    }

    private static void RefuseTags(IReadOnlyList<ChatMessage> messages)
    {
        foreach (var message in messages)
        {
            if (Array.Find(Tags, tag => message.Content.Contains(tag, StringComparison.Ordinal)) is { } tag)
            {
                throw new ArgumentException($"A message holds '{tag}', which Llama 2 reads as an instruction marker. Take it out.", nameof(messages));
            }
        }
    }
}
