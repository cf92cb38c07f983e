using static TorchSharp.torch;

namespace DyLoraMoe.Router.Engine;

/// <summary>
/// Questions about prompts, which are read side by side, one chunk at each turn of the engine. Any thread may ask; the rest belongs to the engine's.
/// </summary>
/// <param name="parts">The engine's.</param>
/// <param name="most">Most prompts that are read at once.</param>
/// <param name="hasRoom">Whether there is memory for one more prompt of so many tokens.</param>
internal sealed class PromptQuestions(EngineParts parts, int most, Func<int, bool> hasRoom) : IDisposable
{
    private readonly FairQueue<Question> _queue = new(parts.Options.MaxQueue, parts.Time);
    private readonly List<QuestionReading> _readings = [];
    private readonly ReadingTurns _turns = new();

    /// <summary>How many are being read.</summary>
    public int Reading => _readings.Count;

    /// <summary>Tokens of those.</summary>
    public long Tokens => _readings.Sum(reading => (long)reading.Prompt.Tokens.Length);

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => _readings.Count == 0 && _queue.Count == 0;

    /// <summary>Asks.</summary>
    /// <param name="prompt">Token ids.</param>
    /// <param name="client">Whose it is.</param>
    /// <param name="find">Finds the answer, on the engine's thread.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="QueueFullException">Too many others wait.</exception>
    /// <exception cref="EngineStoppedException">The engine is stopping.</exception>
    public Task<T> Ask<T>(int[] prompt, string client, Func<PromptReading, T> find, CancellationToken cancellation)
    {
        var question = new Question<T>(prompt, client, find, cancellation);
        _queue.Add([question]);
        return question.Task;
    }

    /// <summary>Reads a chunk of one prompt, and answers when that was its last.</summary>
    /// <returns>Why it failed; null when it did not.</returns>
    public Exception? Advance()
    {
        _queue.RemoveWhere(question => question.IsGivenUp);
        foreach (var givenUp in _readings.Where(reading => reading.Question.IsGivenUp).ToList())
        {
            End(givenUp);
        }

        // From here on they have their turns, whether or not they are given up meanwhile.
        while (_readings.Count < most && _queue.TryTake(question => _readings.Count == 0 || hasRoom(question.Prompt.Length), out var question))
        {
            _readings.Add(new QuestionReading(question, new WaitingPrompt(new GenerationRequest(question.Prompt, new SamplingSettings(), ExpertChoice.Routed), parts)));
        }

        return _readings.Count == 0 ? null : Advance(_turns.Next(_readings));
    }

    /// <summary>Fails all, and takes none any more.</summary>
    public void Close(Exception error)
    {
        foreach (var question in _queue.Close().Concat(_readings.Select(reading => reading.Question)))
        {
            question.Fail(error);
        }
    }

    public void Dispose() => _readings.ToList().ForEach(End);

    private Exception? Advance(QuestionReading reading)
    {
        var question = reading.Question;
        try
        {
            var prompt = reading.Prompt.Reading;
            if (!prompt.IsEncoded)
            {
                prompt.Advance();
            }

            if (prompt.IsEncoded)
            {
                using var scope = NewDisposeScope();
                prompt.Share(parts.Prefixes);
                question.Answer(prompt);
                End(reading);
            }

            return null;
        }
        catch (Exception error)
        {
            question.Fail(error);
            End(reading);
            return error;
        }
    }

    private void End(QuestionReading reading)
    {
        _readings.Remove(reading);
        reading.Prompt.Dispose();
    }
}

/// <summary>A question whose prompt is being read.</summary>
/// <param name="Question">The question.</param>
/// <param name="Prompt">Its prompt.</param>
internal sealed record QuestionReading(Question Question, WaitingPrompt Prompt) : IReading
{
    public string Client => Question.Client;

    public int TokensLeft => Prompt.TokensLeft;
}
