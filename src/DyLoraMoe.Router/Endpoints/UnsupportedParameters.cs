using System.Collections.Frozen;
using System.Text.Json;

namespace DyLoraMoe.Router.Endpoints;

/// <summary>
/// Parameters of OpenAI and of other servers that would change an answer and are not there: whoever sends one is told so, instead of getting another
/// answer than was asked for. What changes no answer, such as <c>metadata</c>, is ignored.
/// </summary>
internal static class UnsupportedParameters
{
    private const string Guided = "guided_";

    // By name: what may be sent all the same, since it asks for nothing.
    private static readonly FrozenDictionary<string, Func<JsonElement, bool>> _known = new Dictionary<string, Func<JsonElement, bool>>(StringComparer.Ordinal)
    {
        ["tools"] = IsEmpty,
        ["functions"] = IsEmpty,
        ["tool_choice"] = IsNoChoice,
        ["function_call"] = IsNoChoice,
        ["logit_bias"] = IsEmptyObject,
        ["modalities"] = value => value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(each => IsText(each, "text")),
        ["audio"] = _ => false,
        ["prediction"] = _ => false,
        ["grammar"] = _ => false,
        ["structured_outputs"] = _ => false,
        ["chat_template_kwargs"] = IsEmptyObject,
        ["continue_final_message"] = value => value.ValueKind == JsonValueKind.False,
        ["add_generation_prompt"] = value => value.ValueKind == JsonValueKind.True,
        ["web_search_options"] = _ => false,
        ["min_p"] = value => Is(value, 0),
        ["min_tokens"] = value => Is(value, 0),
        ["repetition_penalty"] = value => Is(value, 1),
        ["length_penalty"] = value => Is(value, 1),
        ["stop_token_ids"] = IsEmpty,
        ["use_beam_search"] = value => value.ValueKind == JsonValueKind.False,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Looks at what a request has beside the parameters that there are.</summary>
    /// <param name="others">By name; null for nothing.</param>
    /// <exception cref="ApiException">One of them would change the answer.</exception>
    public static void Refuse(IReadOnlyDictionary<string, JsonElement>? others)
    {
        foreach (var (name, value) in others ?? FrozenDictionary<string, JsonElement>.Empty)
        {
            if (value.ValueKind != JsonValueKind.Null && (name.StartsWith(Guided, StringComparison.Ordinal) || (_known.TryGetValue(name, out var asksNothing) && !asksNothing(value))))
            {
                throw ApiException.Invalid(name, $"'{name}' is not supported, and an answer without it would not be the one that is asked for. Leave it out.");
            }
        }
    }

    private static bool IsEmpty(JsonElement value) => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0;

    private static bool IsEmptyObject(JsonElement value) => value.ValueKind == JsonValueKind.Object && !value.EnumerateObject().Any();

    private static bool IsNoChoice(JsonElement value) => IsText(value, "none") || IsText(value, "auto");

    private static bool IsText(JsonElement value, string text) => value.ValueKind == JsonValueKind.String && value.ValueEquals(text);

    private static bool Is(JsonElement value, double number) => value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var found) && found == number;
}
