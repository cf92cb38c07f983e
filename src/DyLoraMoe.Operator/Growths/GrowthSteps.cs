using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Sets;

namespace DyLoraMoe.Operator.Growths;

/// <summary>The growths by which a backbone came to be what it is.</summary>
internal static class GrowthSteps
{
    /// <summary>The growths that led to a set, in order: those that it names, and those of Growths that were adopted before sets named any and are still there.</summary>
    public static IReadOnlyList<GrowthStep> Of(ICluster cluster, Backbone backbone, KnownSet set)
    {
        var named = set.Facts.Growths;
        List<string?> line = [.. set.Facts.GrownFrom, set.Set.Backbone.Digest];
        var adopted = cluster.Growths(backbone).Select(Of).OfType<GrowthStep>().Where(step => line.Contains(step.Backbone.Digest) && !named.Any(each => IsOf(each, step)));
        return [.. named.Concat(adopted).OrderBy(step => line.IndexOf(step.Backbone.Digest))];

        static bool IsOf(GrowthStep known, GrowthStep step) => known.Growth == step.Growth && known.Backbone.Digest == step.Backbone.Digest;
    }

    // Null where it was not adopted, or was asked for something else since.
    private static GrowthStep? Of(Growth growth) =>
        growth.Status is { AdoptionTime: not null, From: { } from, Backbone: { } grown } status && status.Terms == GrowthTerms.Of(growth)
            ? new(growth.Metadata.Name, GrowthTerms.PlanOf(growth), from, grown)
            : null;
}
