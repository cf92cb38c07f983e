namespace DyLoraMoe.Core.Tokenization.Chat;

/// <summary>Llama 3; from 3.1 on, templates begin with a system turn that states dates.</summary>
internal sealed class Llama3Template(string? template, string bos) : ChatTemplate("Llama 3")
{
    private const string KnowledgeDate = "Cutting Knowledge Date: December 2023\n";

    // What the templates fall back to when nobody gives a date; a fixed one keeps prompts reproducible.
    private const string Today = "Today Date: 26 Jul 2024\n\n";

    private readonly bool _statesDates = template?.Contains("Cutting Knowledge Date: December 2023", StringComparison.Ordinal) == true;

    private protected override void WriteTo(TemplateWriter writer, IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt)
    {
        writer.Marker(bos);
        var first = 0;
        if (_statesDates)
        {
            first = messages[0].Role == "system" ? 1 : 0;
            writer.Marker(Header("system") + KnowledgeDate + Today).Content(first == 1 ? messages[0].Content.Trim() : string.Empty).Marker("<|eot_id|>");
        }

        foreach (var message in messages.Skip(first))
        {
            writer.Marker(Header(message.Role)).Content(message.Content.Trim()).Marker("<|eot_id|>");
        }

        if (addGenerationPrompt)
        {
            writer.Marker(Header("assistant"));
        }
    }

    private static string Header(string role) => $"<|start_header_id|>{role}<|end_header_id|>\n\n";
}
