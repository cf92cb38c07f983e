namespace DyLoraMoe.Trainer.Workspaces;

/// <summary>What to learn.</summary>
/// <param name="Skill">The skill's name.</param>
/// <param name="Dataset">Digest of the new data.</param>
/// <param name="Novelty">Null to find out; "novel" for a new expert without asking; otherwise the expert to extend.</param>
internal sealed record LearnRequest(string Skill, string Dataset, string? Novelty);
