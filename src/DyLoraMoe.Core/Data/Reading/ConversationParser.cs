using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using DyLoraMoe.Core.Tokenization.Chat;

namespace DyLoraMoe.Core.Data.Reading;

/// <summary>
/// Reads a conversation that ends with the assistant's answer from a JSON array: messages with <c>role</c> and <c>content</c> as OpenAI writes them,
/// or with <c>from</c> and <c>value</c> as ShareGPT does. Content is text, or a list of parts of type text.
/// </summary>
internal static class ConversationParser
{
    private const string Expected = "messages with role (system, user or assistant) and content, of which the last is the assistant's";

    /// <summary>Splits what was said into the messages before the last and the last one.</summary>
    /// <param name="json">The array.</param>
    /// <param name="messages">The messages before the answer.</param>
    /// <param name="answer">The assistant's last message.</param>
    /// <param name="problem">What was expected and what was found instead.</param>
    public static bool TryParse(
        string json, [NotNullWhen(true)] out List<ChatMessage>? messages, [NotNullWhen(true)] out string? answer, out (string Expected, string Found) problem)
    {
        (messages, answer, problem) = (null, null, default);
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Array)
            {
                problem = ("a list of messages", "none");
                return false;
            }

            List<ChatMessage> all = [];
            foreach (var item in document.RootElement.EnumerateArray())
            {
                if (Message(item) is not { } message)
                {
                    problem = (Expected, $"a message {all.Count + 1} without role or text");
                    return false;
                }

                all.Add(message);
            }

            if (all is not [.., _, { Role: "assistant" } last])
            {
                problem = (Expected, all.Count < 2 ? $"{all.Count} message{(all.Count == 1 ? "" : "s")}" : $"a last message of the {all[^1].Role}");
                return false;
            }

            (messages, answer) = (all[..^1], last.Content);
            return true;
        }
        catch (JsonException)
        {
            problem = ("a list of messages", "text that is no JSON");
            return false;
        }
    }

    private static ChatMessage? Message(JsonElement item)
    {
        var role = Text(item, "role", "from") switch
        {
            "system" or "developer" => "system",
            "user" or "human" => "user",
            "assistant" or "gpt" => "assistant",
            _ => null,
        };
        return role is not null && Text(item, "content", "value") is { } content ? new ChatMessage(role, content) : null;
    }

    private static string? Text(JsonElement item, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var value))
            {
                return value.ValueKind switch
                {
                    JsonValueKind.String => value.GetString(),
                    JsonValueKind.Array => Parts(value),
                    _ => null,
                };
            }
        }

        return null;
    }

    private static string? Parts(JsonElement parts)
    {
        var texts = parts.EnumerateArray().Select(part => Text(part, "text")).ToList();
        return texts.Contains(null) ? null : string.Concat(texts);
    }
}
