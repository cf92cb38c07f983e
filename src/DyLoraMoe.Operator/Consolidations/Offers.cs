using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Sets;

namespace DyLoraMoe.Operator.Consolidations;

/// <summary>Versions of experts that runs have made and no set has admitted or refused yet.</summary>
internal static class Offers
{
    /// <summary>The offers to a backbone's experts that begin with what an expert is now, by the expert's name. Of several, the one that the active set holds.</summary>
    public static IReadOnlyDictionary<string, ConsolidatedExpert> Of(ICluster cluster, Backbone backbone, KnownSet? active)
    {
        var offers = new Dictionary<string, ConsolidatedExpert>(StringComparer.Ordinal);
        foreach (var offer in All(cluster, backbone.Metadata.NamespaceProperty, backbone.Metadata.Name))
        {
            if (cluster.Find<LoraExpert>(backbone.Metadata.NamespaceProperty, offer.Name)?.Status.Artifact?.Digest == offer.From
                && (!offers.ContainsKey(offer.Name) || active?.Find(offer.Name)?.Digest == offer.Artifact!.Digest))
            {
                offers[offer.Name] = offer;
            }
        }

        return offers;
    }

    /// <summary>All offers, also those to experts that have moved on.</summary>
    public static IEnumerable<ConsolidatedExpert> All(ICluster cluster, string ns, string backbone) => cluster.List<Consolidation>(ns)
        .Where(consolidation => consolidation.Spec.BackboneRef.Name == backbone && consolidation.Status.Run is { CompletionTime: null })
        .SelectMany(consolidation => consolidation.Status.Run!.Experts)
        .Where(expert => expert is { Stage: NightStages.Offered, Artifact.Digest: not null });

    /// <summary>An offer as a set's member may be made from it.</summary>
    public static ExpertInput InputOf(ConsolidatedExpert offer, int maturityPercent) => new()
    {
        Name = offer.Name,
        Digest = offer.Artifact!.Digest!,
        Version = offer.Artifact.Version ?? 1,
        Mode = offer.Mode ?? LoraModes.Full,
        Rank = offer.Rank ?? 0,
        MaturityPercent = maturityPercent,
    };
}
