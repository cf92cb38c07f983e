using System.Text.Json;
using DyLoraMoe.Router.Endpoints.Wire;
using DyLoraMoe.Router.Limits;

namespace DyLoraMoe.Router.Endpoints;

/// <summary><c>POST /v1/route</c>: where a prompt would go, without an answer.</summary>
internal static class ExplainEndpoint
{
    /// <summary>Answers.</summary>
    public static async Task HandleAsync(HttpContext context)
    {
        var served = Serving.Require(context);
        var body = await Replies.ReadAsync(context, WireJson.Default.RouteBody).ConfigureAwait(false);
        var prompts = body.Prompt.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null
            ? [PromptText.Encode(served.Set, PromptText.Conversation(body.Messages))]
            : PromptText.Encode(served.Set, body.Prompt);
        if (prompts.Count != 1)
        {
            throw ApiException.Invalid("prompt", $"There are {prompts.Count} prompts; expected one.");
        }

        if (prompts[0].Length > served.Engine.MaxContext)
        {
            throw ApiException.Invalid("prompt", $"This model's context is {served.Engine.MaxContext} tokens; the prompt has {prompts[0].Length}.", "context_length_exceeded");
        }

        using var limit = RequestLimit.Of(context);
        var decision = await limit.WithinAsync(served.Engine.Route(prompts[0], Clients.Of(context), limit.Token)).ConfigureAwait(false);
        var reply = new RouteReply("dylora.route", served.Set.Document.Backbone.Name, prompts[0].Length, RoutingText.Explain(served.Set.Revision, decision));
        await Replies.WriteAsync(context, reply, WireJson.Default.RouteReply).ConfigureAwait(false);
    }
}
