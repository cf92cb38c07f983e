using DyLoraMoe.Core.Routing;

namespace DyLoraMoe.Core.Growth.Experts;

/// <summary>A router for the grown backbone. Features that are looked at as before are the same numbers, so its own stay as they are.</summary>
public static class GrownRouter
{
    /// <summary>Carries a router over.</summary>
    /// <param name="router">The router; it stays as it is.</param>
    /// <param name="identity">The grown backbone, and how it is looked at: as <see cref="GrownDescriptions"/> say.</param>
    /// <returns>A new router; the caller's.</returns>
    public static DynamicHybridRouter Of(DynamicHybridRouter router, RouterIdentity identity)
    {
        ArgumentNullException.ThrowIfNull(router);
        ArgumentNullException.ThrowIfNull(identity);
        return new DynamicHybridRouter(identity, router.Options, router.Experts, router.Tensors.Copy());
    }
}
