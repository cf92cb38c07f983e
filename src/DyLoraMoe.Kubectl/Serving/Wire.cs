using System.Text.Json;
using System.Text.Json.Serialization;

namespace DyLoraMoe.Kubectl.Serving;

/// <summary>How the router's documents are read and written.</summary>
internal static class Wire
{
    /// <summary>The options.</summary>
    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}

/// <summary>Who answers a prompt.</summary>
internal sealed record Routing(string? Set, string? Mode, IReadOnlyList<ExpertWeight> Experts, double Backbone)
{
    public double? Entropy { get; init; }

    public PromptNovelty? Novelty { get; init; }
}

/// <summary>An expert and what it counts.</summary>
internal sealed record ExpertWeight(string Name, double Weight)
{
    public double? Probability { get; init; }
}

/// <summary>How new a prompt looks.</summary>
internal sealed record PromptNovelty(double PValue, double? Distance, string? NearestSkill, string? NearestExpert);

/// <summary>The answer of <c>/v1/route</c>.</summary>
internal sealed record RouteReply(string? Model, int PromptTokens, Routing Dylora);

/// <summary>A turn of a conversation.</summary>
internal sealed record ChatMessage(string Role, string Content);

/// <summary>What is asked for: a conversation, or a text that goes on.</summary>
internal sealed record AnswerRequest(string Model, bool Stream)
{
    public IReadOnlyList<ChatMessage>? Messages { get; init; }

    public string? Prompt { get; init; }

    public int? MaxTokens { get; init; }

    public double? Temperature { get; init; }

    public string? Stop { get; init; }
}

/// <summary>A part of an answer as it comes.</summary>
/// <param name="Text">What it adds.</param>
/// <param name="Routing">Who answers; in the first part only.</param>
internal sealed record AnswerPart(string Text, Routing? Routing);

/// <summary>A chunk of a stream, of either kind of answer.</summary>
internal sealed record AnswerChunk
{
    public IReadOnlyList<AnswerChoice> Choices { get; init; } = [];

    public Routing? Dylora { get; init; }

    public RouterError? Error { get; init; }
}

/// <summary>What a chunk adds.</summary>
internal sealed record AnswerChoice
{
    public string? Text { get; init; }

    public ChatDelta? Delta { get; init; }
}

/// <summary>What a chunk adds to a message.</summary>
internal sealed record ChatDelta(string? Content);

/// <summary>What the router says is wrong.</summary>
internal sealed record RouterError(string? Message, string? Code);

/// <summary>An answer that is an error.</summary>
internal sealed record RouterErrorBody(RouterError? Error);
