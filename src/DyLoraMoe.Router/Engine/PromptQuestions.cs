using System.Threading.Channels;
using DyLoraMoe.Router.Sets;
using static TorchSharp.torch;

namespace DyLoraMoe.Router.Engine;

/// <summary>
/// Questions about prompts, of which one is read at a time, a chunk at each turn of the engine, like the prompt of a sequence. Any thread may ask; the rest belongs to the engine's.
/// </summary>
/// <param name="set">What is served.</param>
/// <param name="prefixes">Prompts that are kept for others that begin alike.</param>
/// <param name="options">How many may wait, and how much is read at once.</param>
/// <param name="time">The clock.</param>
internal sealed class PromptQuestions(LoadedSet set, PrefixCache prefixes, EngineOptions options, TimeProvider time) : IDisposable
{
    private readonly FairQueue<Question> _queue = new(options.MaxQueue);
    private (Question Question, PromptReading Reading)? _asked;

    /// <summary>Whether one is being read.</summary>
    public bool IsReading => _asked is not null;

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => _asked is null && _queue.Count == 0;

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

    /// <summary>Reads a chunk of one prompt, and answers when that was the last.</summary>
    /// <returns>Why it failed; null when it did not.</returns>
    public Exception? Advance()
    {
        _queue.RemoveWhere(question => question.IsGivenUp);
        if (_asked is { Question.IsGivenUp: true })
        {
            End();
        }

        // From here on it is this one's turn, whether or not it is given up meanwhile.
        var question = _asked?.Question;
        if (question is null && !_queue.TryTake(out question))
        {
            return null;
        }

        try
        {
            _asked ??= (question, Read(question));
            var reading = _asked.Value.Reading;
            if (!reading.IsEncoded)
            {
                reading.Advance();
            }

            if (reading.IsEncoded)
            {
                using var scope = NewDisposeScope();
                reading.Share(prefixes);
                question.Answer(reading);
                End();
            }

            return null;
        }
        catch (Exception error)
        {
            question.Fail(error);
            End();
            return error;
        }
    }

    /// <summary>Fails all, and takes none any more.</summary>
    public void Close(Exception error)
    {
        foreach (var question in _queue.Close().Concat(_asked is { } asked ? [asked.Question] : []))
        {
            question.Fail(error);
        }
    }

    public void Dispose() => End();

    private PromptReading Read(Question question)
    {
        var request = new GenerationRequest(question.Prompt, new SamplingSettings(), ExpertChoice.Routed);
        var nobody = Channel.CreateBounded<SequenceEvent>(1);
        var sequence = new Sequence(0, request, question.Client, set.Tokenizer.CreateDecoder(), nobody.Writer, time.GetTimestamp());
        return new PromptReading(sequence, set, prefixes.Find(question.Prompt), options.PrefillChunk);
    }

    private void End()
    {
        _asked?.Reading.Dispose();
        _asked = null;
    }
}
