using DyLoraMoe.Core.Memory;
using DyLoraMoe.Router.Endpoints.Wire;
using DyLoraMoe.Router.Limits;
using DyLoraMoe.Router.Memory;
using DyLoraMoe.Router.Metrics;
using DyLoraMoe.Router.Sets;

namespace DyLoraMoe.Router.Endpoints;

/// <summary><c>/v1/memory</c>: what is remembered for whoever asks, and how to have it forgotten. Another API key's episodes are never seen.</summary>
internal static class MemoryEndpoint
{
    /// <summary>The memory.</summary>
    /// <exception cref="ApiException">There is none.</exception>
    public static EpisodicMemory Require(HttpContext context) => context.RequestServices.GetService<EpisodicMemory>()
        ?? throw new ApiException(404, "invalid_request_error", "This server remembers nothing; it was started without --memory.", code: "memory_disabled");

    /// <summary>Lists episodes, the newest first: all, or those of a user.</summary>
    public static Task ListAsync(HttpContext context)
    {
        var (store, owner) = (Require(context).Store, Clients.OwnerOf(context));
        string? user = context.Request.Query["user"];
        var reply = new MemoryList(
            "list",
            [.. store.Episodes.Where(each => each.Owner == owner && (user is null || each.User == user)).Select(Of)],
            [.. store.Promotions.Where(each => each.Owner == owner && (user is null || each.User == user)).Select(each => new PromotedReply(each.Id, each.User, each.Expert, each.Time.ToUnixTimeSeconds()))]);
        return Replies.WriteAsync(context, reply, WireJson.Default.MemoryList);
    }

    /// <summary>Removes everything of a user, or with <c>shared=true</c> all that is shared.</summary>
    public static Task ForgetUserAsync(HttpContext context)
    {
        var memory = Require(context);
        string? user = context.Request.Query["user"];
        var isShared = context.Request.Query["shared"] == "true";
        if (string.IsNullOrEmpty(user) != isShared)
        {
            throw ApiException.Invalid("user", "Say whose episodes go: 'user=KEY', or 'shared=true' for those that all share.");
        }

        return AnswerAsync(context, Gone(() => memory.Store.ForgetUser(Clients.OwnerOf(context), isShared ? null : user)));
    }

    /// <summary>Removes one episode.</summary>
    public static Task ForgetAsync(HttpContext context)
    {
        var (memory, id) = (Require(context), (string)context.Request.RouteValues["id"]!);
        var gone = Gone(() => memory.Store.Forget(Clients.OwnerOf(context), id));
        return gone is { Episodes: 0, Promoted: 0 }
            ? throw new ApiException(404, "invalid_request_error", $"There is no episode '{id}'. GET /v1/memory lists those that there are.", "id", "episode_not_found")
            : AnswerAsync(context, gone);
    }

    private static Forgotten Gone(Func<Forgotten> forget)
    {
        try
        {
            return forget();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw ApiException.NotDeleted("--memory", error);
        }
    }

    private static async Task AnswerAsync(HttpContext context, Forgotten gone)
    {
        // Prompts that are kept for others that begin alike may hold the text.
        if (context.RequestServices.GetRequiredService<SetState>().Current is { } served)
        {
            await served.Engine.ForgetPrompts(context.RequestAborted).ConfigureAwait(false);
        }

        context.RequestServices.GetRequiredService<RouterMetrics>().Forgot(gone.Episodes);
        await Replies.WriteAsync(context, new ForgottenReply("dylora.memory.deleted", gone.Episodes, gone.Promoted, gone.Experts), WireJson.Default.ForgottenReply).ConfigureAwait(false);
    }

    private static EpisodeReply Of(Episode episode) => new(
        episode.Id,
        episode.User,
        episode.Prompt,
        episode.Answer,
        episode.Origin == EpisodeOrigin.Correction ? "correction" : "praise",
        episode.First.ToUnixTimeSeconds(),
        episode.Time.ToUnixTimeSeconds(),
        episode.Recurrence,
        episode.Uses,
        Math.Round(episode.Surprise, 5),
        episode.Set)
    {
        AnswerId = episode.AnswerId,
    };
}
