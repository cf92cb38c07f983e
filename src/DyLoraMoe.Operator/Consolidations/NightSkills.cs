using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Requests;

namespace DyLoraMoe.Operator.Consolidations;

/// <summary>The skills that an expert goes over: what it has learnt, as far as the Skills are still there with those data.</summary>
internal static class NightSkills
{
    public static IReadOnlyList<SkillInput> Of(ICluster cluster, LoraExpert expert) =>
    [
        .. (expert.Status.TrainedOn ?? [])
            .OrderBy(each => each.Skill, StringComparer.Ordinal)
            .Select(each => (Known: each, Skill: cluster.Find<Skill>(expert.Metadata.NamespaceProperty, each.Skill)))
            .Where(pair => pair.Skill is { Metadata.DeletionTimestamp: null } skill && skill.Status.Dataset?.Digest == pair.Known.Dataset)
            .Select(pair => new SkillInput(pair.Known.Skill, pair.Known.Dataset, RequestParts.HeldOutPercentOf(pair.Skill!), expert.Metadata.Name, Time(pair.Skill!.Metadata.CreationTimestamp))),
    ];

    private static DateTimeOffset? Time(DateTime? time) => time is { } known ? new DateTimeOffset(DateTime.SpecifyKind(known, DateTimeKind.Utc)) : null;
}
