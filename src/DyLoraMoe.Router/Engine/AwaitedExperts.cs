using System.Diagnostics.CodeAnalysis;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Router.Sets;

namespace DyLoraMoe.Router.Engine;

/// <summary>Prompts that were read and whose experts are not in memory. Those are read beside the engine, which goes on with the others; all else here belongs to its thread.</summary>
/// <param name="pool">Reads the experts.</param>
/// <param name="wake">Tells the engine to look; called on any thread.</param>
internal sealed class AwaitedExperts(ExpertPool pool, Action wake) : IDisposable
{
    private readonly List<AwaitingPrompt> _prompts = [];

    /// <summary>Whether nothing is read, not even for those whom nobody waits for any more.</summary>
    public bool IsEmpty => _prompts.Count == 0;

    /// <summary>Whether experts have come, or cannot be read.</summary>
    public bool HasNews => _prompts.Exists(prompt => prompt.Experts.IsCompleted);

    /// <summary>The sequences that wait.</summary>
    public IReadOnlyList<Sequence> Sequences => [.. _prompts.SelectMany(prompt => prompt.Reading.Waiting).Where(sequence => !sequence.IsEnded)];

    /// <summary>Tokens of the prompts that wait.</summary>
    public long Tokens => _prompts.Where(prompt => !prompt.IsGivenUp).Sum(prompt => (long)prompt.Reading.Prompt.Tokens.Length);

    /// <summary>Has the experts of a prompt read.</summary>
    /// <param name="reading">The prompt; from now on this one's to dispose.</param>
    /// <param name="decision">Who answers it.</param>
    public void Add(SequenceReading reading, RoutingDecision decision) => _prompts.Add(new AwaitingPrompt(reading, decision, pool, wake));

    /// <summary>Frees the prompts that nobody waits for any more. Their experts are not read, unless that has begun.</summary>
    public void GiveUpUnwanted() => _prompts.Where(prompt => !prompt.Reading.IsWanted).ToList().ForEach(prompt => prompt.GiveUp());

    /// <summary>A prompt whose experts have come, or cannot be read; from now on the caller's.</summary>
    public bool TryTake([NotNullWhen(true)] out AwaitingPrompt? prompt)
    {
        while ((prompt = _prompts.Find(each => each.Experts.IsCompleted)) is not null)
        {
            _prompts.Remove(prompt);
            if (prompt.Reading.IsWanted)
            {
                return true;
            }

            prompt.Dispose();
        }

        return false;
    }

    /// <summary>Waits for what is being read, and lets go of all.</summary>
    public void Dispose() => _prompts.ForEach(prompt => prompt.Dispose());
}

/// <summary>A prompt with its experts on their way.</summary>
internal sealed class AwaitingPrompt : IDisposable
{
    private readonly Task _told;
    private volatile bool _isGivenUp;

    /// <summary>Has the experts read.</summary>
    /// <param name="reading">The prompt; from now on this one's to dispose, until the experts are there and somebody takes both.</param>
    /// <param name="decision">Who answers it.</param>
    /// <param name="pool">Reads them.</param>
    /// <param name="wake">Called on any thread once they are there, or cannot be read.</param>
    public AwaitingPrompt(SequenceReading reading, RoutingDecision decision, ExpertPool pool, Action wake)
    {
        Reading = reading;
        Decision = decision;
        Experts = pool.AcquireAsync(decision.Used, () => !_isGivenUp);
        _told = Experts.ContinueWith(_ => wake(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>The prompt.</summary>
    public SequenceReading Reading { get; }

    /// <summary>Who answers it.</summary>
    public RoutingDecision Decision { get; }

    /// <summary>Those who do; fails when one cannot be read.</summary>
    public Task<IReadOnlyList<AdapterLease>> Experts { get; }

    /// <summary>Whether nobody waits for it any more, and the prompt is gone.</summary>
    public bool IsGivenUp => _isGivenUp;

    /// <summary>Lets go of the prompt, whose memory others may need while a disk is slow.</summary>
    public void GiveUp()
    {
        if (!_isGivenUp)
        {
            _isGivenUp = true;
            Reading.Dispose();
        }
    }

    /// <summary>Waits for the experts, and lets go of them and of the prompt.</summary>
    public void Dispose()
    {
        GiveUp();
        _told.Wait();
        foreach (var expert in Experts.IsCompletedSuccessfully ? Experts.Result : [])
        {
            expert.Dispose();
        }
    }
}
