using System.Text.Json.Serialization;

namespace DyLoraMoe.Router.Endpoints.Wire;

/// <summary>An error as OpenAI's clients expect it.</summary>
internal sealed record ErrorBody(ErrorDetail Error);

/// <summary>What went wrong.</summary>
internal sealed record ErrorDetail(string Message, string Type)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Param { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Code { get; init; }
}

/// <summary>Answer, or chunk of an answer, of <c>/v1/completions</c>.</summary>
internal sealed record CompletionReply(string Id, string Object, long Created, string Model, IReadOnlyList<CompletionChoice> Choices)
{
    public string? SystemFingerprint { get; init; }

    public Usage? Usage { get; init; }

    public RoutingReply? Dylora { get; init; }
}

/// <summary>One continuation.</summary>
internal sealed record CompletionChoice(int Index, string Text)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public CompletionLogprobs? Logprobs { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? FinishReason { get; init; }

    /// <summary>The experts of this one's prompt, where a request has several.</summary>
    public RoutingReply? Dylora { get; init; }
}

/// <summary>Probabilities of the tokens of a continuation; null for the first token of an echoed prompt, which nothing stands in front of.</summary>
internal sealed record CompletionLogprobs(
    IReadOnlyList<string> Tokens,
    IReadOnlyList<double?> TokenLogprobs,
    IReadOnlyList<Dictionary<string, double>?> TopLogprobs,
    IReadOnlyList<int> TextOffset);

/// <summary>Answer, or chunk of an answer, of <c>/v1/chat/completions</c>.</summary>
internal sealed record ChatReply(string Id, string Object, long Created, string Model, IReadOnlyList<ChatChoice> Choices)
{
    public string? SystemFingerprint { get; init; }

    public Usage? Usage { get; init; }

    public RoutingReply? Dylora { get; init; }
}

/// <summary>One answer; a message, or what a chunk adds to it.</summary>
internal sealed record ChatChoice(int Index)
{
    public ChatText? Message { get; init; }

    public ChatText? Delta { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public ChatLogprobs? Logprobs { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? FinishReason { get; init; }
}

/// <summary>What is said.</summary>
internal sealed record ChatText
{
    public string? Role { get; init; }

    public string? Content { get; init; }
}

/// <summary>Probabilities of the tokens of an answer.</summary>
internal sealed record ChatLogprobs(IReadOnlyList<ChatLogprob> Content);

/// <summary>A token's probability.</summary>
internal sealed record ChatLogprob(string Token, double Logprob, IReadOnlyList<int> Bytes)
{
    public IReadOnlyList<ChatLogprob>? TopLogprobs { get; init; }
}

/// <summary>Tokens read and written.</summary>
internal sealed record Usage(int PromptTokens, int CompletionTokens, int TotalTokens, PromptTokensDetails PromptTokensDetails);

/// <summary>Tokens that an earlier request had read.</summary>
internal sealed record PromptTokensDetails(int CachedTokens);

/// <summary>Which experts answered. All answers to a prompt have the same.</summary>
internal sealed record RoutingReply(string Set, string Mode, IReadOnlyList<ExpertWeight> Experts, double Backbone)
{
    public double? Entropy { get; init; }

    public NoveltyReply? Novelty { get; init; }

    public IReadOnlyList<MemoryUse>? Memory { get; init; }
}

/// <summary>An episode that took part: as the <c>answer</c> itself, or in the <c>context</c>.</summary>
internal sealed record MemoryUse(string Id, string Use, double Similarity);

/// <summary>An expert and what it counted.</summary>
internal sealed record ExpertWeight(string Name, double Weight)
{
    public double? Probability { get; init; }
}

/// <summary>How new a prompt looks.</summary>
internal sealed record NoveltyReply(bool Novel, double PValue, double? Distance, string? NearestSkill, string? NearestExpert);

/// <summary>Answer of <c>/v1/route</c>.</summary>
internal sealed record RouteReply(string Object, string Model, int PromptTokens, RoutingReply Dylora);

/// <summary>Answer of <c>/v1/novelty</c>.</summary>
internal sealed record DriftReply(string Set, long Requests, double Sum, double Limit, long Flags, IReadOnlyList<ProposalReply> Proposals);

/// <summary>Requests that are alike and like no known skill.</summary>
internal sealed record ProposalReply(int Count, string? NearestSkill, double Distance, double Cohesion, string Centroid, IReadOnlyList<string> Requests)
{
    /// <summary>Plain prompts that are remembered.</summary>
    public IReadOnlyList<string>? Prompts { get; init; }

    /// <summary>Conversations that are remembered, each up to the answer.</summary>
    public IReadOnlyList<IReadOnlyList<ChatText>>? Conversations { get; init; }
}

/// <summary>Answer of <c>/v1/models</c>.</summary>
internal sealed record ModelList(string Object, IReadOnlyList<ModelCard> Data);

/// <summary>A model that can be asked for.</summary>
internal sealed record ModelCard(string Id, string Object, long Created, string OwnedBy, string Root, int MaxModelLen)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Parent { get; init; }
}

/// <summary>Answer of <c>/v1/set</c>.</summary>
internal sealed record SetReply(bool Ready, string? Revision, string Mode)
{
    public string? Reason { get; init; }

    public BackboneReply? Backbone { get; init; }

    public string? Router { get; init; }

    public IReadOnlyList<ExpertReply> Experts { get; init; } = [];

    public long? ServingSince { get; init; }

    public LimitsReply? Limits { get; init; }
}

/// <summary>The backbone that is served.</summary>
internal sealed record BackboneReply(string Name, string Digest, string Dtype, string Device);

/// <summary>An expert that is served.</summary>
internal sealed record ExpertReply(string Name, string Digest, int Version, string Mode, int Rank, double Maturity, long Bytes, bool Loaded, double Share);

/// <summary>What a request may ask for; the queue of all clients, and the part of it that one may have.</summary>
internal sealed record LimitsReply(int Context, int Batch, int Queue, int QueuePerClient);

/// <summary>Answer of <c>/readyz</c> and <c>/healthz</c>.</summary>
internal sealed record HealthReply(string Status)
{
    public string? Part { get; init; }

    public string? Reason { get; init; }

    public string? Revision { get; init; }
}

/// <summary>Answer of <c>/v1/feedback</c>.</summary>
internal sealed record FeedbackReply(string Status)
{
    public string? Episode { get; init; }
}

/// <summary>A verdict as it is kept.</summary>
internal sealed record FeedbackRecord(long Time, string Set, string? Id, string Verdict, string? Prompt, string? Answer, string? Correction)
{
    /// <summary>The conversation that was answered.</summary>
    public IReadOnlyList<ChatText>? Messages { get; init; }

    /// <summary>The episode that has the texts in place of this record.</summary>
    public string? Episode { get; init; }
}

/// <summary>Answer of <c>GET /v1/memory</c>.</summary>
internal sealed record MemoryList(string Object, IReadOnlyList<EpisodeReply> Data, IReadOnlyList<PromotedReply> Promoted);

/// <summary>An episode. Times are in Unix seconds.</summary>
internal sealed record EpisodeReply(
    string Id, string? User, string Prompt, string Answer, string Origin, long First, long Time, int Recurrence, long Uses, double Surprise, string Set)
{
    public string? AnswerId { get; init; }
}

/// <summary>An episode that an expert has in its weights.</summary>
internal sealed record PromotedReply(string Id, string? User, string Expert, long Time);

/// <summary>Answer of <c>DELETE /v1/memory</c>.</summary>
internal sealed record ForgottenReply(string Object, int Episodes, int Promoted, IReadOnlyList<string> Experts);
