using System.Security.Cryptography;
using System.Text.Json;
using DyLoraMoe.Core.Tokenization.Chat;
using DyLoraMoe.Router.Endpoints.Wire;
using DyLoraMoe.Router.Engine;
using DyLoraMoe.Router.Memory;
using DyLoraMoe.Router.Sets;

namespace DyLoraMoe.Router.Endpoints;

/// <summary>What a request asks for, checked: one sequence per prompt and choice.</summary>
/// <param name="Model">The name as it was asked for.</param>
/// <param name="Prompts">Token ids of every prompt.</param>
/// <param name="Choices">Answers per prompt.</param>
/// <param name="Settings">How tokens are chosen.</param>
/// <param name="Choice">Who decides on the experts.</param>
internal sealed record GenerationPlan(string Model, IReadOnlyList<int[]> Prompts, int Choices, SamplingSettings Settings, ExpertChoice Choice)
{
    private const int MostChoices = 16;
    private const int MostStops = 16;
    private const int MostPrompts = 256;

    /// <summary>Whether the answer may be as long as the context allows.</summary>
    public bool IsOpenEnded { get; private init; }

    /// <summary>Whether tokens are named with their probabilities; where there are none, the list is empty.</summary>
    public bool HasLogprobs => Settings.TopLogprobs is not null;

    /// <summary>Whether the prompts' tokens are named, too.</summary>
    public bool NamesPrompts { get; init; }

    /// <summary>The conversation that the only prompt was made of; null for plain prompts.</summary>
    public IReadOnlyList<ChatMessage>? Messages { get; init; }

    /// <summary>What the memory adds, by prompt; empty where nothing was looked for.</summary>
    public IReadOnlyList<Recollection> Recollections { get; private init; } = [];

    /// <summary>The sequences: all choices of the first prompt, then those of the second.</summary>
    /// <param name="id">Name of the request; each prompt counts once under it.</param>
    public IReadOnlyList<GenerationRequest> SequencesOf(string id) =>
        [.. Prompts.SelectMany((prompt, at) => Enumerable.Range(0, Choices).Select(answer => RecollectionOf(at).AddTo(new GenerationRequest(prompt, Settings, Choice)) with
        {
            Id = answer > 0 ? null : at > 0 ? $"{id}-{at}" : id,
            Answer = answer,
            NamesPrompt = NamesPrompts,
            Messages = Messages,
        }))];

    /// <summary>Tokens of all prompts, with what the memory adds to them.</summary>
    public int PromptTokens => Prompts.Select((prompt, at) => (RecollectionOf(at).Prompt ?? prompt).Length).Sum();

    /// <summary>What the memory adds to a prompt.</summary>
    /// <param name="at">Which prompt.</param>
    public Recollection RecollectionOf(int at) => at < Recollections.Count ? Recollections[at] : Recollection.Nothing;

    /// <summary>The plan with what the memory adds; an answer of open length gives way to it.</summary>
    /// <param name="recollections">For every prompt.</param>
    /// <param name="context">Longest prompt and answer together, in tokens.</param>
    public GenerationPlan With(IReadOnlyList<Recollection> recollections, int context)
    {
        var plan = this with { Recollections = recollections };
        var longest = plan.Prompts.Select((prompt, at) => (plan.RecollectionOf(at).Prompt ?? prompt).Length).Max();
        return plan with { Settings = Settings with { MaxTokens = Math.Min(Settings.MaxTokens, context - longest) } };
    }

    /// <summary>Checks a request.</summary>
    /// <param name="served">What is served.</param>
    /// <param name="body">The request.</param>
    /// <param name="prompts">Its prompts as token ids.</param>
    /// <param name="maxTokens">Most tokens that it asks for; as many as fit when null.</param>
    /// <param name="topLogprobs">Likely tokens to name; null for none.</param>
    /// <param name="leastTokens">Fewest tokens that may be asked for.</param>
    public static GenerationPlan Of(ServedSet served, GenerationBody body, IReadOnlyList<int[]> prompts, Parameter maxTokens, Parameter topLogprobs, int leastTokens = 1)
    {
        var choice = ModelNames.Resolve(served.Set, body.Model);
        if (prompts.Count > MostPrompts)
        {
            throw ApiException.Invalid("prompt", $"There are {prompts.Count} prompts; at most {MostPrompts} are taken at once.");
        }

        var longest = prompts.Max(prompt => prompt.Length);
        var context = served.Engine.MaxContext;
        var asked = maxTokens.Value ?? 1;
        if (longest + asked > context)
        {
            throw ApiException.Invalid(
                longest + Math.Min(asked, 1) > context ? "prompt" : maxTokens.Name,
                $"This model's context is {context} tokens; the prompt has {longest} and {(maxTokens.Value is { } wanted ? wanted : "no")} more are asked for. Shorten the prompt or the answer.",
                "context_length_exceeded");
        }

        RefuseUnsupported(body);
        var settings = new SamplingSettings
        {
            MaxTokens = maxTokens.Value is { } limit ? Within(maxTokens.Name, limit, leastTokens, context) : context - longest,
            Temperature = Within("temperature", body.Temperature ?? 1, 0, 2),
            TopP = Within("top_p", body.TopP ?? 1, 0, 1),
            TopK = Within("top_k", Math.Max(body.TopK ?? 0, 0), 0, int.MaxValue),
            PresencePenalty = Within("presence_penalty", body.PresencePenalty ?? 0, -2, 2),
            FrequencyPenalty = Within("frequency_penalty", body.FrequencyPenalty ?? 0, -2, 2),
            Seed = body.Seed is { } seed ? unchecked((int)(seed ^ (seed >> 32))) : RandomNumberGenerator.GetInt32(int.MaxValue),
            Stop = StopsOf(body.Stop),
            IgnoresEnd = body.IgnoreEos ?? false,
            TopLogprobs = topLogprobs.Value is { } top ? Within(topLogprobs.Name, top, 0, 20) : null,
            IsJsonObject = body.ResponseFormat?.Type == "json_object",
        };
        var choices = Within("n", body.N ?? 1, 1, MostChoices);
        if (prompts.Count * choices > served.Engine.MaxRequest)
        {
            throw ApiException.Invalid(
                choices > 1 ? "n" : "prompt", $"{prompts.Count} prompts with {choices} answers each are {prompts.Count * choices} sequences; this server takes at most {served.Engine.MaxRequest} in one request.");
        }

        return new GenerationPlan(body.Model!, prompts, choices, settings, choice) { IsOpenEnded = maxTokens.Value is null };
    }

    private static void RefuseUnsupported(GenerationBody body)
    {
        if (body.ResponseFormat is { } format && format.Type is not ("text" or "json_object"))
        {
            throw ApiException.Invalid("response_format", $"'{format.Type}' is no supported form of an answer; expected text or json_object.");
        }

        UnsupportedParameters.Refuse(body.Others);
    }

    private static string[] StopsOf(JsonElement stop)
    {
        string[] texts = stop.ValueKind switch
        {
            JsonValueKind.Undefined or JsonValueKind.Null => [],
            JsonValueKind.String => [Replies.TextOf(stop, "stop")],
            JsonValueKind.Array when stop.EnumerateArray().All(each => each.ValueKind == JsonValueKind.String) => [.. stop.EnumerateArray().Select(each => Replies.TextOf(each, "stop"))],
            _ => throw ApiException.Invalid("stop", "'stop' must be a text or a list of texts."),
        };
        return texts.Length <= MostStops && !texts.Any(string.IsNullOrEmpty)
            ? texts
            : throw ApiException.Invalid("stop", $"'stop' takes at most {MostStops} texts, none of them empty.");
    }

    private static double Within(string param, double value, double least, double most) => value >= least && value <= most
        ? value
        : throw ApiException.Invalid(param, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"'{param}' is {value}; expected {least} to {most}."));

    private static int Within(string param, int value, int least, int most) => value >= least && value <= most
        ? value
        : throw ApiException.Invalid(param, $"'{param}' is {value}; expected {least} to {most}.");
}

/// <summary>A parameter under the name by which it was sent.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value; null when it was left out.</param>
internal readonly record struct Parameter(string Name, int? Value);
