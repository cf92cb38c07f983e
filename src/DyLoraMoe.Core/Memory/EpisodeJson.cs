using System.Text.Json.Serialization;

namespace DyLoraMoe.Core.Memory;

/// <summary>How episodes are written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(Episode))]
[JsonSerializable(typeof(Promotion))]
internal sealed partial class EpisodeJson : JsonSerializerContext;
