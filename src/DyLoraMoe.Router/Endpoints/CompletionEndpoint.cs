using DyLoraMoe.Router.Endpoints.Wire;
using DyLoraMoe.Router.Memory;
using DyLoraMoe.Router.Sets;

namespace DyLoraMoe.Router.Endpoints;

/// <summary><c>POST /v1/completions</c>.</summary>
internal static class CompletionEndpoint
{
    private const int DefaultMaxTokens = 16;

    /// <summary>Answers.</summary>
    public static async Task HandleAsync(HttpContext context)
    {
        var served = Serving.Require(context);
        var body = await Replies.ReadAsync(context, WireJson.Default.CompletionBody).ConfigureAwait(false);
        RefuseUnsupported(body);
        var plan = GenerationPlan.Of(
            served, body, PromptText.Encode(served.Set, body.Prompt), new("max_tokens", body.MaxTokens ?? DefaultMaxTokens), new("logprobs", body.Logprobs), leastTokens: 0) with
        {
            NamesPrompts = body.Echo == true && body.Logprobs is not null,
        };
        using var limit = RequestLimit.Of(context);

        // Whoever asks how likely a text is means that text, and nothing in front of it.
        plan = plan.NamesPrompts
            ? plan
            : await Serving.RecallAsync(context, limit, served, plan, body, () => Questions(served.Set, body, plan)).ConfigureAwait(false);
        using var session = AnswerSession.Begin(context, limit, served, plan);
        var format = new CompletionFormat("cmpl-" + context.TraceIdentifier, Echoes(served.Set, body, plan), plan, served.Set.Tokenizer);
        await AnswerWriter.RespondAsync(context, session, format, body).ConfigureAwait(false);
    }

    private static void RefuseUnsupported(CompletionBody body)
    {
        if (body.Suffix is { Length: > 0 })
        {
            throw ApiException.Invalid("suffix", "'suffix' is not supported: this model writes on, it does not fill in.");
        }

        if (body.BestOf is { } best && best != (body.N ?? 1))
        {
            throw ApiException.Invalid("best_of", "'best_of' is not supported beyond 'n'; ask for 'n' answers and choose.");
        }
    }

    private static IReadOnlyList<PromptQuestion> Questions(LoadedSet set, CompletionBody body, GenerationPlan plan) =>
        [.. PromptText.Texts(set, body.Prompt, plan.Prompts).Zip(plan.Prompts, (text, prompt) => PromptQuestion.Of(set.Tokenizer, text, prompt))];

    private static IReadOnlyList<string> Echoes(LoadedSet set, CompletionBody body, GenerationPlan plan) =>
        [.. plan.Prompts.SelectMany(prompt => Enumerable.Repeat(body.Echo == true ? set.Tokenizer.Decode(prompt) : "", plan.Choices))];
}
