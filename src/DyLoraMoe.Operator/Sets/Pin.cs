using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Requests;

namespace DyLoraMoe.Operator.Sets;

/// <summary>The set that a Backbone's spec holds it to: no expert enters what is served, and none leaves it, until that is taken back.</summary>
/// <param name="Set">The set; null when it is not among those that are kept, and what is served stays.</param>
/// <param name="Message">Which one, and how to follow the newest again.</param>
internal sealed record Pin(KnownSet? Set, string Message)
{
    /// <summary>What a Backbone is held to; null when it follows the newest set.</summary>
    public static Pin? Of(ICluster cluster, Backbone backbone)
    {
        var name = backbone.Metadata.Name;
        return RequestParts.Given(backbone.Spec.Serving.Revision) is { } revision
            ? new(cluster.FindSet(backbone, revision), $"Backbone {name} is pinned to revision {revision}. It follows the newest again once spec.serving.revision is removed: kubectl dylora rollback {name} --follow.")
            : null;
    }

    /// <summary>Whether a version of an expert waits for the pin to be taken back.</summary>
    public bool KeepsOut(string expert, string? digest) => Set?.Find(expert)?.Digest != digest;

    /// <summary>Whether an expert that is served goes on being served.</summary>
    public bool KeepsIn(string expert) => Set is null || Set.Find(expert) is not null;
}
