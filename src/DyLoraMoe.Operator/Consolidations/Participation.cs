using DyLoraMoe.Api;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Requests;

namespace DyLoraMoe.Operator.Consolidations;

/// <summary>
/// Which experts take part in a run, and what keeps the others from it. They have to be served in their newest version, so that what they become can be told from what
/// they learn meanwhile, and to have data to go over.
/// </summary>
internal static class Participation
{
    private const int Named = 3;

    /// <summary>The experts that take part.</summary>
    public static IEnumerable<LoraExpert> In(ConsolidationScope scope, ICluster cluster) => Meant(scope, cluster).Where(expert => ObstacleOf(expert, scope, cluster) is null).Take(Bounds.Night);

    /// <summary>Why no expert takes part.</summary>
    public static string Nobody(ConsolidationScope scope, ICluster cluster)
    {
        var which = scope.Spec.Experts is null ? "served" : "named";
        var served = Meant(scope, cluster).Where(expert => scope.ActiveSet?.Find(expert.Metadata.Name) is not null).ToList();
        if (served.Count == 0)
        {
            return scope.Spec.Experts is null ? "No expert is served yet." : "None of the experts that are named is served.";
        }

        var named = string.Join(", ", served.Take(Named).Select(expert => $"{expert.Metadata.Name} ({ObstacleOf(expert, scope, cluster)})"));
        return $"None of the experts that are {which} takes part: {named}{(served.Count > Named ? $", and {served.Count - Named} more" : "")}.";
    }

    /// <summary>That the expert which is to learn episodes is not among those of a run, and why; null when it is, or none is to learn any.</summary>
    public static string? NoEpisodes(ConsolidationScope scope, ICluster cluster, IEnumerable<ConsolidatedExpert> experts)
    {
        if (scope.Spec.Episodes is not { Expert: var name } || experts.Any(expert => expert.Name == name))
        {
            return null;
        }

        var obstacle = cluster.Find<LoraExpert>(scope.Namespace, name) is { } found && found.Spec.BackboneRef.Name == scope.Backbone.Metadata.Name
            ? ObstacleOf(found, scope, cluster) ?? $"it could not when the run began, and can in the next{(scope.Timetable is null ? $", which another value of the annotation {Annotations.RetryAt} begins" : "")}"
            : $"there is no LoraExpert {name} of Backbone {scope.Backbone.Metadata.Name}";
        return $"No episodes are learnt, since expert {name} takes no part: {obstacle}.";
    }

    private static IEnumerable<LoraExpert> Meant(ConsolidationScope scope, ICluster cluster) => cluster.List<LoraExpert>(scope.Namespace)
        .Where(expert => expert.Spec.BackboneRef.Name == scope.Backbone.Metadata.Name && scope.Spec.Experts?.Contains(expert.Metadata.Name) != false);

    private static string? ObstacleOf(LoraExpert expert, ConsolidationScope scope, ICluster cluster)
    {
        var served = scope.ActiveSet?.Find(expert.Metadata.Name)?.Digest;
        return expert.Metadata.DeletionTimestamp is not null ? "it is being deleted"
            : expert.Spec.Suspend ? "it is suspended by its spec"
            : served is null ? "it is not served yet"
            : served == expert.Status.Artifact?.Digest ? WithoutData(expert, cluster)
            : RequestParts.Given(scope.Backbone.Spec.Serving.Revision) is null ? "its newest version is not served yet"
            : "its newest version is not in the revision that the Backbone is pinned to";
    }

    private static string? WithoutData(LoraExpert expert, ICluster cluster)
    {
        var known = expert.Status.TrainedOn ?? [];
        return NightSkills.Of(cluster, expert).Count > 0 ? null
            : known.Count == 0 ? (expert.Spec.Source is null ? "it has learnt no Skill" : "it was brought by its spec.source, and has learnt no Skill")
            : known.Any(each => cluster.Find<Skill>(expert.Metadata.NamespaceProperty, each.Skill) is { Metadata.DeletionTimestamp: null }) ? "its Skills have newer data than it has learnt"
            : "the Skills that it has learnt are gone";
    }
}
