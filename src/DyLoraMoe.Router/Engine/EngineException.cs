namespace DyLoraMoe.Router.Engine;

/// <summary>The queue has no room.</summary>
/// <param name="waiting">How many wait.</param>
internal sealed class QueueFullException(int waiting) : Exception($"The queue is full: {waiting} sequences are waiting. Try again later.");

/// <summary>The engine has stopped, or is stopping.</summary>
internal sealed class EngineStoppedException() : Exception("The server is stopping. Try again.");

/// <summary>The model's scores of a sequence's next token are infinite or no numbers.</summary>
/// <param name="experts">The experts that answered it.</param>
internal sealed class ScoresNotFiniteException(IReadOnlyList<string> experts) : Exception(
    $"The scores of the next token are not finite with {(experts.Count == 0 ? "the bare backbone" : $"the experts {string.Join(", ", experts)}")}. Ask for another expert, and import or teach that one anew.");
