using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Sets;

namespace DyLoraMoe.Operator.Growths;

/// <summary>Larger backbones that Growths have made.</summary>
internal static class GrowthOffers
{
    private const string KeyStart = "growth/";

    /// <summary>The Growths of a backbone, the oldest first.</summary>
    public static IReadOnlyList<Growth> Growths(this ICluster cluster, Backbone backbone) =>
    [
        .. cluster.List<Growth>(backbone.Metadata.NamespaceProperty)
            .Where(growth => growth.Spec.BackboneRef.Name == backbone.Metadata.Name && growth.Metadata.DeletionTimestamp is null)
            .OrderBy(growth => growth.Metadata.CreationTimestamp)
            .ThenBy(growth => growth.Metadata.Name, StringComparer.Ordinal),
    ];

    /// <summary>The offers that may take the place of the active set, refused ones too, that of the oldest Growth first.</summary>
    public static IReadOnlyList<GrowthOffer> Of(ICluster cluster, Backbone backbone, KnownSet active) =>
        [.. cluster.Growths(backbone).Where(growth => !growth.Spec.Suspend).Select(growth => Of(growth, active)).OfType<GrowthOffer>()];

    /// <summary>What a Growth offers in place of a set; null when it does not, is about to begin anew, or an expert of the set is not carried over yet.</summary>
    public static GrowthOffer? Of(Growth growth, KnownSet active)
    {
        var status = growth.Status;
        if (status is not { Backbone: { } grown, From: { } from, AdoptionTime: null } || from != active.Set.Backbone.Digest || status.Terms != GrowthTerms.Of(growth))
        {
            return null;
        }

        List<ExpertInput> members = [];
        foreach (var member in active.Set.Experts)
        {
            if (status.Experts?.FirstOrDefault(each => each.Name == member.Name && each.From == member.Digest) is not { Artifact.Digest: { } digest } carried)
            {
                return null;
            }

            members.Add(active.InputOf(member) with
            {
                Digest = digest,
                Version = carried.Artifact.Version ?? member.Version + 1,
                Mode = carried.Mode ?? member.Mode,
                Rank = carried.Rank ?? member.Rank,
            });
        }

        return new(KeyOf(growth.Metadata.Name, status), new(growth.Metadata.Name, GrowthTerms.PlanOf(growth), from, grown), active.Set.Backbone with { Digest = grown.Digest, Artifact = grown.Artifact }, members);
    }

    /// <summary>What a refusal of what a Growth offers is about. No expert has a name like it.</summary>
    public static string KeyOf(string growth, GrowthStatus status) => $"{KeyStart}{growth}/{status.Terms?[..8]}@{status.Backbone?.Artifact}";

    /// <summary>Whether a change of a candidate is what a Growth offers.</summary>
    public static bool IsKey(string change) => change.StartsWith(KeyStart, StringComparison.Ordinal);
}
