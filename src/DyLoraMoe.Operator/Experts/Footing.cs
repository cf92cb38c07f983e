using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Backbones;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Requests;

namespace DyLoraMoe.Operator.Experts;

/// <summary>What a training builds on.</summary>
/// <param name="From">The version; null for none.</param>
/// <param name="Known">What that has learnt.</param>
/// <param name="Version">Number of the version to come where that does not follow from <paramref name="From"/>.</param>
internal sealed record Footing(ExpertInput? From, IReadOnlyList<TrainedSkill> Known, int? Version = null)
{
    /// <summary>
    /// The newest version. One that came to nothing, for it is no better than the bare backbone or was refused, is left out once the recipe is another than it was
    /// trained by: the version that is served is taught again what that one was to learn.
    /// </summary>
    public static Footing Of(ExpertScope scope, ICluster cluster)
    {
        var status = scope.Status;
        if (status.Artifact is not { Digest: not null } artifact)
        {
            return new(null, [.. status.TrainedOn ?? []]);
        }

        var served = scope.ActiveSet?.Find(scope.Name);
        var cameToNothing = served?.Digest != artifact.Digest
            && (ExpertVersions.IsUseless(status.Evaluation) || SetDraft.RefusalOf(cluster, scope.Backbone, scope.Name, artifact.Digest) is not null);
        var recipe = status.History?.FirstOrDefault(entry => entry.Digest == artifact.Digest)?.Recipe;
        if (!cameToNothing || recipe is null || recipe == RequestParts.DigestOf(RequestParts.RecipeOf(scope.Expert, scope.Backbone)))
        {
            return new(RequestParts.InputOf(scope.Name, status, maturityPercent: 0), [.. status.TrainedOn ?? []]);
        }

        return new(
            served is null ? null : scope.ActiveSet!.InputOf(served) with { MaturityPercent = 0 },
            scope.ActiveSet?.Facts.Learned.GetValueOrDefault(scope.Name) ?? [],
            artifact.Version + 1);
    }
}
