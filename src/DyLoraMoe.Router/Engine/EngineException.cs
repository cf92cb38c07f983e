namespace DyLoraMoe.Router.Engine;

/// <summary>The queue has no room.</summary>
/// <param name="waiting">How many wait.</param>
internal sealed class QueueFullException(int waiting) : Exception($"The queue is full: {waiting} sequences are waiting. Try again later.");

/// <summary>The engine has stopped, or is stopping.</summary>
internal sealed class EngineStoppedException() : Exception("The server is stopping. Try again.");
