namespace DyLoraMoe.Router.Engine;

/// <summary>The queue has no room, or none for one client.</summary>
/// <param name="waiting">How many wait; of the client, when it is the client's share that is full.</param>
/// <param name="isShare">Whether there is room for other clients.</param>
/// <param name="retryAfter">When there probably is room again.</param>
internal sealed class QueueFullException(int waiting, bool isShare, TimeSpan retryAfter) : Exception(isShare
    ? $"Your share of the queue is full: {waiting} of your sequences are waiting, and the other places are kept for other clients. Try again later, or send fewer at once."
    : $"The queue is full: {waiting} sequences are waiting. Try again later.")
{
    /// <summary>When there probably is room again.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;
}

/// <summary>The engine has stopped, or is stopping.</summary>
internal sealed class EngineStoppedException() : Exception("The server is stopping. Try again.");

/// <summary>The model's scores of a sequence's next token are infinite or no numbers.</summary>
/// <param name="experts">The experts that answered it.</param>
internal sealed class ScoresNotFiniteException(IReadOnlyList<string> experts) : Exception(
    $"The scores of the next token are not finite with {(experts.Count == 0 ? "the bare backbone" : $"the experts {string.Join(", ", experts)}")}. Ask for another expert, and import or teach that one anew.");

/// <summary>No token of the vocabulary can follow what is there of an answer that has a form.</summary>
internal sealed class FormImpossibleException() : Exception("No token of the model's vocabulary can go on with this JSON object. Ask without 'response_format', or serve a backbone whose tokenizer has every character of JSON.");
