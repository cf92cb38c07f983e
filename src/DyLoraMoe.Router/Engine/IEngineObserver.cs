namespace DyLoraMoe.Router.Engine;

/// <summary>Sees the engine work. Called on the engine's thread: must be quick and must not throw.</summary>
internal interface IEngineObserver
{
    /// <summary>A prompt was read and its experts are known.</summary>
    void PromptRead(Sequence sequence, RoutingDecision decision, int cachedTokens, TimeSpan waited);

    /// <summary>A sequence got its first token.</summary>
    void FirstToken(Sequence sequence, TimeSpan sinceArrival);

    /// <summary>A sequence got another token.</summary>
    void NextToken(Sequence sequence, TimeSpan sinceLast);

    /// <summary>One pass over the running batch is done.</summary>
    void Stepped(int rows, int experts);

    /// <summary>Something went wrong that ended sequences.</summary>
    void Failed(Exception error, int sequences);
}
