namespace DyLoraMoe.Router.Engine;

/// <summary>Something to be found out about a prompt. It waits like a sequence does, and its prompt is read a chunk at a time between the steps of others.</summary>
/// <param name="prompt">Token ids.</param>
/// <param name="client">Whose it is.</param>
/// <param name="cancellation">Gives up.</param>
internal abstract class Question(int[] prompt, string client, CancellationToken cancellation) : IQueued
{
    /// <summary>Token ids.</summary>
    public int[] Prompt => prompt;

    public string Client => client;

    /// <summary>Whether nobody waits for the answer any more.</summary>
    public bool IsGivenUp => cancellation.IsCancellationRequested;

    /// <summary>Answers, on the engine's thread.</summary>
    /// <param name="reading">The prompt, read by the bare backbone.</param>
    public abstract void Answer(PromptReading reading);

    /// <summary>Says that there will be no answer.</summary>
    public abstract void Fail(Exception error);
}

/// <summary>A question with an answer of one type.</summary>
/// <param name="prompt">Token ids.</param>
/// <param name="client">Whose it is.</param>
/// <param name="find">Finds the answer.</param>
/// <param name="cancellation">Gives up.</param>
internal sealed class Question<T>(int[] prompt, string client, Func<PromptReading, T> find, CancellationToken cancellation) : Question(prompt, client, cancellation)
{
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationToken _cancellation = cancellation;

    /// <summary>The answer.</summary>
    public Task<T> Task => _answer.Task.WaitAsync(_cancellation);

    public override void Answer(PromptReading reading) => _answer.TrySetResult(find(reading));

    public override void Fail(Exception error) => _answer.TrySetException(error);
}
