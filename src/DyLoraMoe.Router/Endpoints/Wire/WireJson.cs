using System.Text.Json.Serialization;

namespace DyLoraMoe.Router.Endpoints.Wire;

/// <summary>How bodies are read and written: OpenAI's names, nothing for null unless a client needs to see it.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(CompletionBody))]
[JsonSerializable(typeof(ChatBody))]
[JsonSerializable(typeof(RouteBody))]
[JsonSerializable(typeof(FeedbackBody))]
[JsonSerializable(typeof(NoveltyBody))]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(CompletionReply))]
[JsonSerializable(typeof(ChatReply))]
[JsonSerializable(typeof(RouteReply))]
[JsonSerializable(typeof(DriftReply))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(ModelCard))]
[JsonSerializable(typeof(SetReply))]
[JsonSerializable(typeof(HealthReply))]
[JsonSerializable(typeof(FeedbackReply))]
[JsonSerializable(typeof(FeedbackRecord))]
[JsonSerializable(typeof(MemoryList))]
[JsonSerializable(typeof(ForgottenReply))]
internal sealed partial class WireJson : JsonSerializerContext;
