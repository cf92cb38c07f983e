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
}
