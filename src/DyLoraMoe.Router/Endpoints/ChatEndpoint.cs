using DyLoraMoe.Router.Endpoints.Wire;
using DyLoraMoe.Router.Memory;

namespace DyLoraMoe.Router.Endpoints;

/// <summary><c>POST /v1/chat/completions</c>.</summary>
internal static class ChatEndpoint
{
    /// <summary>Answers.</summary>
    public static async Task HandleAsync(HttpContext context)
    {
        var served = Serving.Require(context);
        var body = await Replies.ReadAsync(context, WireJson.Default.ChatBody).ConfigureAwait(false);
        if (body.TopLogprobs is not null && body.Logprobs != true)
        {
            throw ApiException.Invalid("top_logprobs", "'top_logprobs' needs 'logprobs' to be true.");
        }

        var conversation = PromptText.Conversation(body.Messages);
        var plan = GenerationPlan.Of(
            served,
            body,
            [PromptText.Encode(served.Set, conversation)],
            body.MaxCompletionTokens is { } most ? new("max_completion_tokens", most) : new("max_tokens", body.MaxTokens),
            new("top_logprobs", body.Logprobs == true ? body.TopLogprobs ?? 0 : null)) with
        { Messages = conversation };
        using var limit = RequestLimit.Of(context);
        plan = await Serving.RecallAsync(context, limit, served, plan, body, () => [PromptQuestion.Of(served.Set.Tokenizer, conversation)]).ConfigureAwait(false);
        using var session = AnswerSession.Begin(context, limit, served, plan);
        await AnswerWriter.RespondAsync(context, session, new ChatFormat("chatcmpl-" + context.TraceIdentifier, served.Set.Tokenizer), body).ConfigureAwait(false);
    }
}
