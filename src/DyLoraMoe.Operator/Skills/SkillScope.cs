using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Sets;

namespace DyLoraMoe.Operator.Skills;

/// <summary>A visit to a Skill.</summary>
internal sealed class SkillScope(Skill skill) : VisitScope
{
    public Skill Skill => skill;

    public string Namespace => skill.Metadata.NamespaceProperty;

    public string Name => skill.Metadata.Name;

    /// <summary>Set by <see cref="AcceptSkill"/>.</summary>
    public Backbone Backbone { get; set; } = null!;

    /// <summary>Set by <see cref="AcceptSkill"/>; null before the first set is served.</summary>
    public KnownSet? ActiveSet { get; set; }

    /// <summary>Hash of what is to be read and how. Set by <see cref="AcceptSkill"/>.</summary>
    public string Inputs { get; set; } = "";

    /// <summary>The data as they were read last; of the last status until <see cref="AssessData"/> sets it.</summary>
    public DatasetStatus? Dataset { get; set; } = skill.Status.Dataset;

    /// <summary>What was decided about them; of the last status until <see cref="AssessData"/> sets it.</summary>
    public NoveltyStatus? Novelty { get; set; } = skill.Status.Novelty;

    /// <summary>The expert; of the last status until <see cref="ChooseExpert"/> sets it.</summary>
    public string? Expert { get; set; } = skill.Status.ExpertRef?.Name;

    /// <summary>Digest of the data that are served; of the last status until <see cref="AwaitExpert"/> sets it.</summary>
    public string? ServedDataset { get; set; } = skill.Status.ServedDataset;

    /// <summary>The job that works for the skill.</summary>
    public string? Job { get; set; }
}
