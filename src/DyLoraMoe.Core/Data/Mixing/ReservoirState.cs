namespace DyLoraMoe.Core.Data.Mixing;

/// <summary>Where the reservoir of one skill stands.</summary>
/// <param name="Seen">How many samples of the skill have been offered.</param>
/// <param name="Kept">Which of them are kept, counted from 0, in the reservoir's order.</param>
public sealed record ReservoirState(long Seen, IReadOnlyList<long> Kept);
