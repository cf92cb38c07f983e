using DyLoraMoe.Core.Novelty;

namespace DyLoraMoe.Trainer.Workspaces;

/// <summary>What is to be done with new data.</summary>
/// <param name="Outcome">The outcome.</param>
/// <param name="Expert">The expert that covers or is extended.</param>
/// <param name="Assessment">The figures behind it; null when the outcome was asked for.</param>
/// <param name="Reason">For people.</param>
internal sealed record Decision(NoveltyOutcome Outcome, string? Expert, NoveltyAssessment? Assessment, string Reason);
