using DyLoraMoe.Router.Endpoints.Wire;
using DyLoraMoe.Router.Feedback;
using DyLoraMoe.Router.Sets;

namespace DyLoraMoe.Router.Endpoints;

/// <summary><c>POST /v1/feedback</c>: keeps a verdict on an answer, with as much of its text as the sender wants kept.</summary>
internal static class FeedbackEndpoint
{
    /// <summary>Answers.</summary>
    public static async Task HandleAsync(HttpContext context)
    {
        var services = context.RequestServices;
        var store = services.GetService<FeedbackStore>()
            ?? throw new ApiException(404, "invalid_request_error", "This server keeps no verdicts; it was started without --feedback.", code: "feedback_disabled");
        var body = await Replies.ReadAsync(context, WireJson.Default.FeedbackBody).ConfigureAwait(false);
        if (body.Verdict is not ("good" or "bad"))
        {
            throw ApiException.Invalid("verdict", $"'verdict' is '{body.Verdict}'; expected good or bad.");
        }

        if (string.IsNullOrEmpty(body.Id) && string.IsNullOrEmpty(body.Prompt))
        {
            throw ApiException.Invalid("id", "A verdict needs the 'id' of the answer that it is about, or its 'prompt'.");
        }

        var time = services.GetRequiredService<TimeProvider>().GetUtcNow().ToUnixTimeSeconds();
        var set = services.GetRequiredService<SetState>().Current?.Set.Revision ?? "";
        store.Add(new FeedbackRecord(time, set, body.Id, body.Verdict, body.Prompt, body.Answer, body.Correction));
        await Replies.WriteAsync(context, new FeedbackReply("stored"), WireJson.Default.FeedbackReply, StatusCodes.Status201Created).ConfigureAwait(false);
    }
}
