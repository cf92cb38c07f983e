using System.Text.Json;
using System.Text.Json.Serialization;

namespace DyLoraMoe.Router.Endpoints.Wire;

/// <summary>What both kinds of completion take.</summary>
internal abstract record GenerationBody
{
    public string? Model { get; init; }

    public int? MaxTokens { get; init; }

    public double? Temperature { get; init; }

    public double? TopP { get; init; }

    public int? TopK { get; init; }

    public int? N { get; init; }

    public bool? Stream { get; init; }

    public StreamOptions? StreamOptions { get; init; }

    /// <summary>A text, or several.</summary>
    public JsonElement Stop { get; init; }

    public long? Seed { get; init; }

    public double? PresencePenalty { get; init; }

    public double? FrequencyPenalty { get; init; }

    public ResponseFormat? ResponseFormat { get; init; }

    public string? User { get; init; }

    public bool? IgnoreEos { get; init; }

    /// <summary>False to be answered without what is remembered.</summary>
    public bool? Memory { get; init; }

    /// <summary>What has no place above.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }
}

/// <summary>Body of <c>/v1/completions</c>.</summary>
internal sealed record CompletionBody : GenerationBody
{
    /// <summary>A text, several texts, token ids, or several lists of token ids.</summary>
    public JsonElement Prompt { get; init; }

    public bool? Echo { get; init; }

    public int? Logprobs { get; init; }

    public int? BestOf { get; init; }

    public string? Suffix { get; init; }
}

/// <summary>Body of <c>/v1/chat/completions</c>.</summary>
internal sealed record ChatBody : GenerationBody
{
    public IReadOnlyList<ChatMessageBody>? Messages { get; init; }

    public int? MaxCompletionTokens { get; init; }

    public bool? Logprobs { get; init; }

    public int? TopLogprobs { get; init; }
}

/// <summary>A turn of a conversation.</summary>
internal sealed record ChatMessageBody
{
    public string? Role { get; init; }

    /// <summary>A text, or parts of type text.</summary>
    public JsonElement Content { get; init; }
}

/// <summary>What a stream should hold besides the answer.</summary>
internal sealed record StreamOptions(bool? IncludeUsage);

/// <summary>What form an answer should have: <c>text</c> or <c>json_object</c>.</summary>
internal sealed record ResponseFormat(string? Type);

/// <summary>Body of <c>/v1/route</c>: one of the two.</summary>
internal sealed record RouteBody
{
    public JsonElement Prompt { get; init; }

    public IReadOnlyList<ChatMessageBody>? Messages { get; init; }
}

/// <summary>Body of <c>/v1/feedback</c>.</summary>
internal sealed record FeedbackBody
{
    public string? Id { get; init; }

    /// <summary><c>good</c> or <c>bad</c>.</summary>
    public string? Verdict { get; init; }

    public string? Prompt { get; init; }

    /// <summary>The conversation that was answered, in place of a prompt.</summary>
    public IReadOnlyList<ChatMessageBody?>? Messages { get; init; }

    public string? Answer { get; init; }

    public string? Correction { get; init; }

    /// <summary>Whose it is, to be remembered for their requests.</summary>
    public string? User { get; init; }

    /// <summary>Whether it is to be remembered for everybody with this API key.</summary>
    public bool? Shared { get; init; }
}

/// <summary>Body of a <c>POST</c> to <c>/v1/novelty</c>.</summary>
internal sealed record NoveltyBody
{
    /// <summary>Centroids of what was proposed before and is not to be proposed again, each as an answer has them.</summary>
    public IReadOnlyList<string>? Proposed { get; init; }
}
