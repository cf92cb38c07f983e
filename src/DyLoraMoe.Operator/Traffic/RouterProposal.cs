using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DyLoraMoe.Operator.Traffic;

/// <summary>A group of prompts that a router found alike and like no known skill.</summary>
/// <param name="Count">How many there were.</param>
/// <param name="NearestSkill">The known skill that is nearest; null when there is none.</param>
/// <param name="Centroid">What they are like, as the router writes it.</param>
/// <param name="Samples">Those of them that the router remembers, each once, as lines of data whose answers are still to be written: all plain prompts, or all chats, whichever are more.</param>
internal sealed record RouterProposal(int Count, string? NearestSkill, string Centroid, IReadOnlyList<string> Samples)
{
    private const int LongestPrompt = 4096;
    private const int LongestCentroid = 8192;

    private static readonly JsonSerializerOptions _readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads what a router answers; nothing when it is not as a router writes it, when it saw no lasting shift, or of groups without prompts.</summary>
    public static IReadOnlyList<RouterProposal> Parse(string answer)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            return document.RootElement.GetProperty("flags").GetInt64() == 0 ? [] : [.. document.RootElement.GetProperty("proposals").EnumerateArray().Select(Read).OfType<RouterProposal>()];
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return [];
        }
    }

    private static RouterProposal? Read(JsonElement proposal)
    {
        List<string> prompts = [.. Of(proposal, "prompts").Select(PromptOf).OfType<string>().Distinct(StringComparer.Ordinal)];
        List<string> chats = [.. Of(proposal, "conversations").Select(ChatOf).OfType<string>().Distinct(StringComparer.Ordinal)];
        var samples = chats.Count > prompts.Count ? chats : prompts;
        return proposal.GetProperty("centroid").GetString() is { Length: > 0 and <= LongestCentroid } centroid && samples.Count > 0 && Convert.TryFromBase64String(centroid, new byte[centroid.Length], out _)
            ? new(proposal.GetProperty("count").GetInt32(), proposal.TryGetProperty("nearest_skill", out var nearest) ? nearest.GetString() : null, centroid, samples)
            : null;
    }

    private static JsonElement.ArrayEnumerator Of(JsonElement proposal, string name) => proposal.TryGetProperty(name, out var all) ? all.EnumerateArray() : default;

    private static string? PromptOf(JsonElement prompt) =>
        prompt.GetString() is { Length: > 0 and <= LongestPrompt } text ? new JsonObject { ["prompt"] = text, ["answer"] = "" }.ToJsonString(_readable) : null;

    private static string? ChatOf(JsonElement conversation)
    {
        var messages = conversation.EnumerateArray().Select(message => (Role: message.GetProperty("role").GetString(), Content: message.GetProperty("content").GetString() ?? "")).ToList();
        if (messages.Count == 0 || messages.Sum(message => message.Content.Length) is 0 or > LongestPrompt || messages.Exists(message => message.Role is not ("system" or "user" or "assistant")))
        {
            return null;
        }

        var all = messages.Append(("assistant", "")).Select(message => (JsonNode)new JsonObject { ["role"] = message.Item1, ["content"] = message.Item2 });
        return new JsonObject { ["messages"] = new JsonArray([.. all]) }.ToJsonString(_readable);
    }
}
