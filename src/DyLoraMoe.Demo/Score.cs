namespace DyLoraMoe.Demo;

/// <summary>Mean marks for the answers to the questions of a skill, 0 to 1.</summary>
/// <param name="Bare">Of the bare backbone.</param>
/// <param name="Routed">With the experts that the router chose.</param>
/// <param name="Questions">All questions.</param>
internal sealed record Score(double Bare, double Routed, int Questions);
