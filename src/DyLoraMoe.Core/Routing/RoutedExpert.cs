namespace DyLoraMoe.Core.Routing;

/// <summary>One expert as a router knows it.</summary>
/// <param name="Name">The expert's name, unique in its router.</param>
/// <param name="Maturity">0 for a new expert, 1 for one that is mature; its own, not that of the set.</param>
/// <param name="IsFitted">Whether its row has been trained. Before that it gets no weight and does not count for the mode.</param>
public sealed record RoutedExpert(string Name, double Maturity, bool IsFitted);
