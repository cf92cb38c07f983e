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

    /// <summary>Has the experts of a prompt read.</summary>
    /// <param name="reading">The prompt; from now on this one's to dispose.</param>
    /// <param name="decision">Who answers it.</param>
    public void Add(SequenceReading reading, RoutingDecision decision)
    {
        var experts = pool.AcquireAsync(decision.Used);
        var told = experts.ContinueWith(_ => wake(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        _prompts.Add(new AwaitingPrompt(reading, decision, experts, told));
    }

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
/// <param name="Reading">The prompt.</param>
/// <param name="Decision">Who answers it.</param>
/// <param name="Experts">Those who do; fails when one cannot be read.</param>
/// <param name="Told">Ends once the engine was told of that.</param>
internal sealed record AwaitingPrompt(SequenceReading Reading, RoutingDecision Decision, Task<IReadOnlyList<AdapterLease>> Experts, Task Told) : IDisposable
{
    /// <summary>Waits for the experts, and lets go of them and of the prompt.</summary>
    public void Dispose()
    {
        Reading.Dispose();
        Told.Wait();
        foreach (var expert in Experts.IsCompletedSuccessfully ? Experts.Result : [])
        {
            expert.Dispose();
        }
    }
}
