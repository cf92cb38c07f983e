namespace DyLoraMoe.Router.Engine;

/// <summary>
/// Which of several prompts is read next. Of four chunks two are of the prompt with the fewest tokens left, so that a short one does not wait
/// for a long one; one is of the oldest, which so is read to its end however many short ones come; and one is of the client who has waited longest.
/// </summary>
internal sealed class ReadingTurns
{
    private const int MostClients = 1024;

    private readonly Dictionary<string, long> _latest = new(StringComparer.Ordinal);
    private long _chunk;

    /// <summary>The one whose chunk is next.</summary>
    /// <param name="prompts">What is being read, the oldest first; at least one.</param>
    public T Next<T>(IReadOnlyList<T> prompts)
        where T : IReading
    {
        var next = (_chunk % 4) switch
        {
            1 => prompts[0],
            3 => Shortest(OfPatientClient(prompts)),
            _ => Shortest(prompts),
        };
        if (_latest.Count >= MostClients)
        {
            _latest.Clear();
        }

        _latest[next.Client] = ++_chunk;
        return next;
    }

    private static T Shortest<T>(IEnumerable<T> prompts)
        where T : IReading => prompts.MinBy(prompt => prompt.TokensLeft)!;

    private IEnumerable<T> OfPatientClient<T>(IReadOnlyList<T> prompts)
        where T : IReading
    {
        var client = prompts.MinBy(prompt => _latest.GetValueOrDefault(prompt.Client))!.Client;
        return prompts.Where(prompt => prompt.Client == client);
    }
}

/// <summary>A prompt that is being read.</summary>
internal interface IReading : IQueued
{
    /// <summary>Tokens that are still to be read.</summary>
    int TokensLeft { get; }
}
