namespace DyLoraMoe.Core.Memory;

/// <summary>What stays of an episode that an expert has learnt: no text, but whose it was and where it went. Each expert that has learnt it has a mark of its own.</summary>
/// <param name="Id">Name of the episode.</param>
/// <param name="Owner">Name of the API key that brought it.</param>
/// <param name="User">Whose it was; null when it was shared.</param>
/// <param name="Expert">The expert that has it in its weights.</param>
/// <param name="Time">When.</param>
public sealed record Promotion(string Id, string Owner, string? User, string Expert, DateTimeOffset Time);

/// <summary>What was removed.</summary>
/// <param name="Episodes">Episodes that are gone.</param>
/// <param name="Promoted">Episodes that had gone before into the weights of an expert, and stay there.</param>
/// <param name="Experts">Those experts.</param>
public sealed record Forgotten(int Episodes, int Promoted, IReadOnlyList<string> Experts);
