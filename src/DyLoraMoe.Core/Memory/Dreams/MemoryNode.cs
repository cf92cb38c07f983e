using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Core.Memory.Dreams;

/// <summary>One memory.</summary>
/// <param name="Skill">The skill it belongs to.</param>
/// <param name="Sample">What is remembered.</param>
/// <param name="Strength">How often it was met, 1 for once.</param>
/// <param name="Recency">How fresh it is, 1 for new.</param>
/// <param name="Uncertainty">How unsure the expert is of it, nats per token.</param>
public sealed record MemoryNode(string Skill, Sample Sample, double Strength, double Recency, double Uncertainty);
