using DyLoraMoe.Core.Routing;

namespace DyLoraMoe.Trainer.Workspaces;

/// <summary>What the fit of a router starts from: rows that are there already keep what they learnt, new ones are not fitted, experts that left lose theirs.</summary>
internal static class StartingRouter
{
    /// <summary>The rows of the active set's router; none where there is no active set.</summary>
    /// <param name="session">The session.</param>
    /// <param name="experts">Names of the experts that are to have rows.</param>
    public static DynamicHybridRouter OfActive(WorkspaceSession session, IEnumerable<string> experts) =>
        session.Active is { } active
            ? Having(active.Router.WithOptions(session.Policy.Router ?? active.Router.Options), experts)
            : Unfitted(session, session.Policy.Router ?? new RouterOptions(), experts);

    /// <summary>The rows of a router that was carried over.</summary>
    /// <param name="session">The session.</param>
    /// <param name="carried">The router; stays the caller's.</param>
    /// <param name="experts">Names of the experts that are to have rows.</param>
    public static DynamicHybridRouter Carried(WorkspaceSession session, DynamicHybridRouter carried, IEnumerable<string> experts) =>
        Having(carried.WithOptions(session.Policy.Router ?? carried.Options), experts);

    /// <summary>Rows that are not fitted.</summary>
    /// <param name="session">The session.</param>
    /// <param name="options">The router's options.</param>
    /// <param name="experts">Names of the experts that are to have rows.</param>
    public static DynamicHybridRouter Unfitted(WorkspaceSession session, RouterOptions options, IEnumerable<string> experts)
    {
        using var anchors = session.Library.AnchorFeatures();
        using var scaling = FeatureScaling.Of(anchors);
        return Having(DynamicHybridRouter.Create(session.Identity, scaling, options), experts);
    }

    /// <summary>A router with rows for certain experts.</summary>
    /// <param name="router">The rows that are there; disposed of.</param>
    /// <param name="experts">Names of the experts that are to have rows.</param>
    public static DynamicHybridRouter Having(DynamicHybridRouter router, IEnumerable<string> experts)
    {
        var names = experts.ToList();
        foreach (var gone in router.Experts.Select(expert => expert.Name).Where(name => !names.Contains(name)).ToList())
        {
            router = Next(router, router.Without(gone));
        }

        foreach (var added in names.Where(name => router.Experts.All(expert => expert.Name != name)))
        {
            router = Next(router, router.WithExpert(added));
        }

        return router;
    }

    private static DynamicHybridRouter Next(DynamicHybridRouter before, DynamicHybridRouter after)
    {
        before.Dispose();
        return after;
    }
}
