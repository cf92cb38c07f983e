using DyLoraMoe.Router.Endpoints.Wire;
using DyLoraMoe.Router.Limits;
using DyLoraMoe.Router.Memory;
using DyLoraMoe.Router.Sets;

namespace DyLoraMoe.Router.Endpoints;

/// <summary>Gives endpoints what is served.</summary>
internal static class Serving
{
    /// <summary>What is served: one snapshot for the whole request.</summary>
    /// <exception cref="ApiException">Nothing is served yet.</exception>
    public static ServedSet Require(HttpContext context)
    {
        var state = context.RequestServices.GetRequiredService<SetState>();
        if (state.Current is { } served)
        {
            return served;
        }

        var problem = state.Problem;
        throw problem.IsLoading
            ? ApiException.Unavailable("The set is being loaded. Try again in a moment.", "loading", TimeSpan.FromSeconds(1))
            : ApiException.Unavailable($"The set cannot be served: {problem.Reason}", "set_unavailable", TimeSpan.FromSeconds(5));
    }

    /// <summary>A plan with what is remembered for its prompts; as it is where nothing is, or when the request does not want it.</summary>
    /// <param name="context">The request.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="served">What is served.</param>
    /// <param name="plan">What it asks for.</param>
    /// <param name="body">Its body.</param>
    /// <param name="questions">What each prompt asks; called only when there is a memory.</param>
    public static Task<GenerationPlan> RecallAsync(HttpContext context, RequestLimit limit, ServedSet served, GenerationPlan plan, GenerationBody body, Func<IReadOnlyList<PromptQuestion>> questions)
    {
        var memory = body.Memory == false ? null : context.RequestServices.GetService<EpisodicMemory>();
        var user = string.IsNullOrEmpty(body.User) ? null : body.User;
        return memory is null
            ? Task.FromResult(plan)
            : limit.WithinAsync(memory.RecallAsync(plan, served, questions(), new Asker(Clients.Of(context), Clients.OwnerOf(context), user), limit.Token));
    }
}
