using System.Text;
using DyLoraMoe.Core.Memory;
using DyLoraMoe.Core.Tokenization.Chat;
using DyLoraMoe.Router.Endpoints.Wire;
using DyLoraMoe.Router.Feedback;
using DyLoraMoe.Router.Limits;
using DyLoraMoe.Router.Memory;
using DyLoraMoe.Router.Sets;

namespace DyLoraMoe.Router.Endpoints;

/// <summary>
/// <c>POST /v1/feedback</c>: keeps a verdict on an answer, with as much of its text as the sender wants kept. A verdict that tells the right
/// answer, and whose it is, is remembered where there is a memory; its text is then there and nowhere else.
/// </summary>
internal static class FeedbackEndpoint
{
    private const int MostName = 256;
    private const int MostText = 64 << 10;

    /// <summary>Answers.</summary>
    public static async Task HandleAsync(HttpContext context)
    {
        var services = context.RequestServices;
        var (store, memory) = (services.GetService<FeedbackStore>(), services.GetService<EpisodicMemory>());
        if (store is null && memory is null)
        {
            throw new ApiException(404, "invalid_request_error", "This server keeps no verdicts; it was started without --feedback and --memory.", code: "feedback_disabled");
        }

        var body = await Replies.ReadAsync(context, WireJson.Default.FeedbackBody).ConfigureAwait(false);
        Check(body);
        var conversation = body.Messages is { Count: > 0 } messages ? PromptText.Conversation(messages) : null;
        CheckSize(body, conversation);
        var served = services.GetRequiredService<SetState>().Current;
        var episode = memory is null ? null : await RememberAsync(context, memory, body, conversation, served).ConfigureAwait(false);
        if (episode is null && store is null)
        {
            throw ApiException.Invalid(null, "Nothing of this verdict can be remembered: it needs 'user' or 'shared', a 'prompt' or 'messages', and a 'correction' or, when it is good, the 'answer'.");
        }

        var time = services.GetRequiredService<TimeProvider>().GetUtcNow().ToUnixTimeSeconds();
        var record = new FeedbackRecord(time, served?.Set.Revision ?? "", body.Id, body.Verdict!, body.Prompt, body.Answer, body.Correction)
        {
            Messages = conversation?.Select(message => new ChatText { Role = message.Role, Content = message.Content }).ToList(),
        };
        try
        {
            store?.Add(episode is null ? record : record with { Prompt = null, Messages = null, Answer = null, Correction = null, Episode = episode.Id });
        }
        catch (ArgumentException error)
        {
            throw ApiException.TooLarge(error.Message);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw ApiException.NotKept(episode is null ? "The verdict" : "The verdict is remembered, but its record", "--feedback", error);
        }

        await Replies.WriteAsync(context, new FeedbackReply("stored") { Episode = episode?.Id }, WireJson.Default.FeedbackReply, StatusCodes.Status201Created).ConfigureAwait(false);
    }

    private static void Check(FeedbackBody body)
    {
        CheckName("id", body.Id);
        CheckName("user", body.User);
        if (body.Verdict is not ("good" or "bad"))
        {
            throw ApiException.Invalid("verdict", $"'verdict' is '{body.Verdict}'; expected good or bad.");
        }

        if (string.IsNullOrEmpty(body.Id) && string.IsNullOrEmpty(body.Prompt) && body.Messages is null or { Count: 0 })
        {
            throw ApiException.Invalid("id", "A verdict needs the 'id' of the answer that it is about, or its 'prompt' or 'messages'.");
        }

        if (!string.IsNullOrEmpty(body.User) && body.Shared == true)
        {
            throw ApiException.Invalid("shared", "A verdict is a user's or shared; leave out 'user' or 'shared'.");
        }
    }

    private static void CheckSize(FeedbackBody body, IReadOnlyList<ChatMessage>? conversation)
    {
        var size = new[] { body.Prompt, body.Answer, body.Correction }.Concat(conversation?.Select(message => message.Content) ?? []).Sum(text => Encoding.UTF8.GetByteCount(text ?? ""));
        if (size > MostText)
        {
            throw ApiException.TooLarge($"The texts of the verdict have {size} bytes; at most {MostText} are kept of one. Send less of them.");
        }
    }

    private static void CheckName(string param, string? name)
    {
        if (name is { Length: > MostName })
        {
            throw ApiException.Invalid(param, $"'{param}' has {name.Length} characters; expected at most {MostName}.");
        }
    }

    private static async Task<Episode?> RememberAsync(HttpContext context, EpisodicMemory memory, FeedbackBody body, IReadOnlyList<ChatMessage>? conversation, ServedSet? served)
    {
        var question = conversation is null ? body.Prompt : EpisodeContext.QuestionOf(conversation);
        var answer = !string.IsNullOrEmpty(body.Correction) ? body.Correction : body.Verdict == "good" ? body.Answer : null;
        if (string.IsNullOrEmpty(question) || string.IsNullOrEmpty(answer) || (string.IsNullOrEmpty(body.User) && body.Shared != true))
        {
            return null;
        }

        var origin = string.IsNullOrEmpty(body.Correction) ? EpisodeOrigin.Praise : EpisodeOrigin.Correction;
        var verdict = new Verdict(Clients.OwnerOf(context), body.Shared == true ? null : body.User, question, conversation is not null && EpisodeContext.OnlyQuestionOf(conversation) is not null, answer, origin, body.Id);
        try
        {
            using var limit = RequestLimit.Of(context);
            return await limit.WithinAsync(memory.RememberAsync(verdict, served, Clients.Of(context), limit.Token)).ConfigureAwait(false);
        }
        catch (ArgumentException error)
        {
            throw ApiException.TooLarge(error.Message);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw ApiException.NotKept("The verdict", "--memory", error);
        }
    }
}
