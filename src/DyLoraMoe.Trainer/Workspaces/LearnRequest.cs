using System.Text.Json.Serialization;

namespace DyLoraMoe.Trainer.Workspaces;

/// <summary>What to learn.</summary>
/// <param name="Skill">The skill's name.</param>
/// <param name="Dataset">Digest of the new data.</param>
/// <param name="Novelty">Null to find out; "novel" for a new expert without asking; otherwise the expert to extend.</param>
internal sealed record LearnRequest(string Skill, string Dataset, string? Novelty)
{
    /// <summary>Whether the skill is taught again where it has seen the data: a new expert learns all that it has.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Again { get; init; }

    /// <summary>Whether the data take the place of all that the skill has: a new expert learns them, and nothing else.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Replaces { get; init; }

    /// <summary>The skill's data once this is learnt, none twice.</summary>
    /// <param name="before">The skill as it is; null for a new one.</param>
    public IReadOnlyList<string> DatasetsAfter(SkillEntry? before) => Replaces ? [Dataset] : [.. (before?.Datasets ?? []).Union([Dataset], StringComparer.Ordinal)];
}
