using System.Text.Json;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Core.Tokenization.Chat;
using DyLoraMoe.Router.Endpoints.Wire;
using DyLoraMoe.Router.Sets;

namespace DyLoraMoe.Router.Endpoints;

/// <summary>Turns prompts and conversations into token ids. Text from outside never becomes a special token.</summary>
internal static class PromptText
{
    /// <summary>The prompts of a completion: a text, texts, token ids, or lists of token ids.</summary>
    public static IReadOnlyList<int[]> Encode(LoadedSet set, JsonElement prompt)
    {
        switch (prompt.ValueKind)
        {
            case JsonValueKind.String:
                return [Text(set, prompt)];
            case JsonValueKind.Array when prompt.GetArrayLength() > 0:
                var items = prompt.EnumerateArray().ToList();
                return items[0].ValueKind switch
                {
                    JsonValueKind.String when items.TrueForAll(item => item.ValueKind == JsonValueKind.String) => [.. items.Select(item => Text(set, item))],
                    JsonValueKind.Number => [Ids(set, prompt)],
                    JsonValueKind.Array => [.. items.Select(item => Ids(set, item))],
                    _ => throw Wrong(),
                };
            default:
                throw Wrong();
        }

        static ApiException Wrong() => ApiException.Invalid("prompt", "'prompt' must be a text, a list of texts, a list of token ids, or a list of lists of token ids.");
    }

    /// <summary>What each prompt of a completion says.</summary>
    /// <param name="set">Knows the text of token ids.</param>
    /// <param name="prompt">The prompts as they were sent.</param>
    /// <param name="ids">The prompts as <see cref="Encode(LoadedSet, JsonElement)"/> gave them.</param>
    public static IReadOnlyList<string> Texts(LoadedSet set, JsonElement prompt, IReadOnlyList<int[]> ids) => prompt.ValueKind switch
    {
        JsonValueKind.String => [Replies.TextOf(prompt, "prompt")],
        JsonValueKind.Array when prompt[0].ValueKind == JsonValueKind.String => [.. prompt.EnumerateArray().Select(item => Replies.TextOf(item, "prompt"))],
        _ => [.. ids.Select(each => set.Tokenizer.Decode(each))],
    };

    /// <summary>A conversation as it was sent.</summary>
    public static IReadOnlyList<ChatMessage> Conversation(IReadOnlyList<ChatMessageBody?>? messages)
    {
        if (messages is null or { Count: 0 } || messages.Contains(null))
        {
            throw ApiException.Invalid("messages", "'messages' needs at least one message, and none that is null.");
        }

        return [.. messages.Select((message, index) => new ChatMessage(RoleOf(message!, index), ContentOf(message!, index)))];
    }

    /// <summary>A conversation, ready for an answer.</summary>
    public static int[] Encode(LoadedSet set, IReadOnlyList<ChatMessage> conversation)
    {
        try
        {
            return set.Tokenizer.EncodeChat(conversation);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            throw ApiException.Invalid("messages", error.Message);
        }
    }

    // A model needs a token to start from; what ends one text begins the next.
    private static int[] Text(LoadedSet set, JsonElement text)
    {
        var ids = set.Tokenizer.Encode(Replies.TextOf(text, "prompt"), parseSpecialTokens: false);
        return ids.Length > 0 ? ids : [Start(set.Tokenizer)];
    }

    private static int Start(TextTokenizer tokenizer) => tokenizer.BosId ?? tokenizer.EosId ?? 0;

    private static int[] Ids(LoadedSet set, JsonElement list)
    {
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() == 0)
        {
            throw ApiException.Invalid("prompt", "A prompt of token ids must be a list of at least one.");
        }

        return [.. list.EnumerateArray().Select((item, index) => item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var id) && id >= 0 && id < set.Model.Config.VocabularySize
            ? id
            : throw ApiException.Invalid("prompt", $"Item {index} of a prompt of token ids is {(item.ValueKind == JsonValueKind.Number ? item.GetRawText() : "no number")}, expected ids from 0 to {set.Model.Config.VocabularySize - 1}."))];
    }

    private static string RoleOf(ChatMessageBody message, int index) => message.Role switch
    {
        "developer" => "system",
        "system" or "user" or "assistant" => message.Role,
        _ => throw ApiException.Invalid($"messages[{index}].role", $"Message {index} has the role '{message.Role}'; expected system, developer, user or assistant."),
    };

    private static string ContentOf(ChatMessageBody message, int index) => message.Content.ValueKind switch
    {
        JsonValueKind.String => Replies.TextOf(message.Content, $"messages[{index}].content"),
        JsonValueKind.Array => string.Concat(message.Content.EnumerateArray().Select(part => PartOf(part, index))),
        _ => throw ApiException.Invalid($"messages[{index}].content", $"Message {index} has no text as its content."),
    };

    private static string PartOf(JsonElement part, int index) => Replies.Read($"messages[{index}].content", () =>
        part.ValueKind == JsonValueKind.Object && part.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("text"u8)
            && part.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String
                ? text.GetString()!
                : throw ApiException.Invalid($"messages[{index}].content", $"Message {index} has a part that is not of type text; this model reads text only."));
}
