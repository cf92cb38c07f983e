using DyLoraMoe.Core.Routing;

namespace DyLoraMoe.Core.Growth.Experts;

/// <summary>A router for the grown backbone. Features that are looked at as before are the same numbers, so its own stay as they are.</summary>
public static class GrownRouter
{
    /// <summary>Carries a router over.</summary>
    /// <param name="router">The router; it stays as it is.</param>
    /// <param name="descriptions">How the grown backbone is looked at.</param>
    /// <param name="backbone">Digest of the grown backbone.</param>
    /// <returns>A new router; the caller's.</returns>
    public static DynamicHybridRouter Of(DynamicHybridRouter router, GrownDescriptions descriptions, string backbone)
    {
        ArgumentNullException.ThrowIfNull(router);
        ArgumentNullException.ThrowIfNull(descriptions);
        ArgumentException.ThrowIfNullOrEmpty(backbone);
        return new DynamicHybridRouter(new RouterIdentity(descriptions.Features.Digest, backbone), router.Options, router.Experts, router.Tensors.Copy());
    }
}
