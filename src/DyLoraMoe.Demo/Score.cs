namespace DyLoraMoe.Demo;

/// <summary>Right answers to the questions of a skill.</summary>
/// <param name="Bare">Of the bare backbone.</param>
/// <param name="Routed">With the experts that the router chose.</param>
/// <param name="Questions">All questions.</param>
internal sealed record Score(int Bare, int Routed, int Questions);
