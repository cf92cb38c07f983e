using DyLoraMoe.Api;
using DyLoraMoe.Api.Resources;
using k8s.Models;

namespace DyLoraMoe.Kubectl.Cluster;

/// <summary>All there is in a namespace at a moment.</summary>
/// <param name="Backbones">The backbones; null when the caller may not see them.</param>
/// <param name="Skills">The skills.</param>
/// <param name="Experts">The experts; null when the caller may not see them.</param>
/// <param name="Jobs">The operator's jobs; null when the caller may not see them.</param>
/// <param name="Sets">The revisions that are kept; null when the caller may not see them.</param>
internal sealed record World(IReadOnlyList<Backbone>? Backbones, IReadOnlyList<Skill> Skills, IReadOnlyList<LoraExpert>? Experts, IList<V1Job>? Jobs, IReadOnlyList<StoredSet>? Sets)
{
    /// <summary>The nights; none where the cluster does not know the kind yet, and null when the caller may not see them.</summary>
    public IReadOnlyList<Consolidation>? Nights { get; init; } = [];

    /// <summary>The growths; none where the cluster does not know the kind yet, and null when the caller may not see them.</summary>
    public IReadOnlyList<Growth>? Growths { get; init; } = [];

    /// <summary>What the caller may not see.</summary>
    public IReadOnlyList<string> Hidden =>
        [.. new (string Name, object? Seen)[] { ("backbones", Backbones), ("experts", Experts), ("nights", Nights), ("growths", Growths), ("jobs", Jobs), ("revisions", Sets) }
            .Where(each => each.Seen is null).Select(each => each.Name)];

    /// <summary>The names of the backbones, in order; where the caller may not see backbones, those that skills name.</summary>
    public IReadOnlyList<string> BackboneNames =>
        [.. (Backbones?.Select(backbone => backbone.Metadata.Name) ?? Skills.Select(skill => skill.Spec.BackboneRef.Name).Distinct(StringComparer.Ordinal)).Order(StringComparer.Ordinal)];

    /// <summary>The growths of a backbone, the oldest first.</summary>
    public IReadOnlyList<Growth> GrowthsOf(string backbone) =>
        [.. (Growths ?? []).Where(growth => growth.Spec.BackboneRef.Name == backbone).OrderBy(growth => growth.Metadata.CreationTimestamp).ThenBy(growth => growth.Metadata.Name, StringComparer.Ordinal)];

    /// <summary>The nights of a backbone, the oldest first.</summary>
    public IReadOnlyList<Consolidation> NightsOf(string backbone) =>
        [.. (Nights ?? []).Where(night => night.Spec.BackboneRef.Name == backbone).OrderBy(night => night.Metadata.CreationTimestamp).ThenBy(night => night.Metadata.Name, StringComparer.Ordinal)];

    /// <summary>The skills of a backbone, the oldest first.</summary>
    public IReadOnlyList<Skill> SkillsOf(string backbone) =>
        [.. Skills.Where(skill => skill.Spec.BackboneRef.Name == backbone).OrderBy(skill => skill.Metadata.CreationTimestamp).ThenBy(skill => skill.Metadata.Name, StringComparer.Ordinal)];

    /// <summary>The experts of a backbone, the oldest first.</summary>
    public IReadOnlyList<LoraExpert> ExpertsOf(string backbone) =>
        [.. (Experts ?? []).Where(expert => expert.Spec.BackboneRef.Name == backbone).OrderBy(expert => expert.Metadata.CreationTimestamp).ThenBy(expert => expert.Metadata.Name, StringComparer.Ordinal)];

    /// <summary>The jobs of a backbone that have not succeeded, and the oldest first.</summary>
    public IReadOnlyList<V1Job> JobsOf(string backbone) =>
        [.. (Jobs ?? []).Where(job => job.Metadata.Labels?.TryGetValue(Labels.Backbone, out var name) == true && name == backbone).OrderBy(job => job.Metadata.CreationTimestamp)];

    /// <summary>The revisions of a backbone, the newest first.</summary>
    public IReadOnlyList<StoredSet> SetsOf(string backbone) =>
        [.. (Sets ?? []).Where(set => set.Backbone == backbone).OrderByDescending(set => set.Created).ThenBy(set => set.Revision, StringComparer.Ordinal)];

    /// <summary>A backbone; null when there is none of that name.</summary>
    public Backbone? Backbone(string name) => Backbones?.FirstOrDefault(backbone => backbone.Metadata.Name == name);

    /// <summary>A night; null when there is none of that name.</summary>
    public Consolidation? Night(string name) => Nights?.FirstOrDefault(night => night.Metadata.Name == name);

    /// <summary>A growth; null when there is none of that name.</summary>
    public Growth? Growth(string name) => Growths?.FirstOrDefault(growth => growth.Metadata.Name == name);

    /// <summary>A skill; null when there is none of that name.</summary>
    public Skill? Skill(string name) => Skills.FirstOrDefault(skill => skill.Metadata.Name == name);

    /// <summary>An expert; null when there is none of that name.</summary>
    public LoraExpert? Expert(string? name) => Experts?.FirstOrDefault(expert => expert.Metadata.Name == name);
}
