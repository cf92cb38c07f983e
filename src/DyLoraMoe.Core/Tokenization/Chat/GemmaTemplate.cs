namespace DyLoraMoe.Core.Tokenization.Chat;

/// <summary>Gemma: user and model take turns, and there is no system turn.</summary>
internal sealed class GemmaTemplate(string bos) : ChatTemplate("Gemma")
{
    private protected override void WriteTo(TemplateWriter writer, IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt)
    {
        if (messages[0].Role == "system")
        {
            throw new ArgumentException("Gemma has no system role; put the instruction into the first user message.", nameof(messages));
        }

        RequireAlternation(messages, 0);
        writer.Marker(bos);
        foreach (var message in messages)
        {
            var role = message.Role == "assistant" ? "model" : message.Role;
            writer.Marker($"<start_of_turn>{role}\n").Content(message.Content.Trim()).Marker("<end_of_turn>\n");
        }

        if (addGenerationPrompt)
        {
            writer.Marker("<start_of_turn>model\n");
        }
    }
}
