using DyLoraMoe.Api.Resources;

namespace DyLoraMoe.Demo.Cluster;

/// <summary>All resources of this project as they are at one moment.</summary>
internal sealed record Snapshot(IReadOnlyList<Backbone> Backbones, IReadOnlyList<Skill> Skills, IReadOnlyList<LoraExpert> Experts)
{
    /// <summary>The skill of that name; null when there is none.</summary>
    public Skill? Skill(string name) => Skills.FirstOrDefault(skill => skill.Metadata.Name == name);

    /// <summary>The expert that has a skill; null while there is none.</summary>
    public LoraExpert? ExpertOf(Skill? skill) => skill?.Status?.ExpertRef?.Name is { } name ? Experts.FirstOrDefault(expert => expert.Metadata.Name == name) : null;
}
