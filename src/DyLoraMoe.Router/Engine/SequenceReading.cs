using DyLoraMoe.Core.Adapters;

namespace DyLoraMoe.Router.Engine;

/// <summary>The reading of a prompt for a sequence, or for those of its siblings that have a slot, and as long as there are siblings that have none yet.</summary>
/// <param name="first">The sequence that it was begun for.</param>
/// <param name="prompt">The prompt.</param>
internal sealed class SequenceReading(Sequence first, WaitingPrompt prompt) : IReading, IDisposable
{
    private readonly List<Sequence> _waiting = [first];
    private IReadOnlyList<AdapterLease> _experts = [];

    /// <summary>What is asked for.</summary>
    public GenerationRequest Request => first.Request;

    /// <summary>The prompt.</summary>
    public WaitingPrompt Prompt => prompt;

    public string Client => first.Client;

    public int TokensLeft => prompt.TokensLeft;

    /// <summary>The sequences that have a slot and wait for it.</summary>
    public IReadOnlyList<Sequence> Waiting => _waiting;

    /// <summary>Whether somebody waits for it, or will.</summary>
    public bool IsWanted => _waiting.Exists(sequence => !sequence.IsEnded) || first.Siblings is { ToCome: > 0 };

    /// <summary>Whether it was decided who answers.</summary>
    public bool IsRouted { get; set; }

    /// <summary>Who answers; null before those are in memory.</summary>
    public RoutingDecision? Decision { get; private set; }

    /// <summary>Tokens that a sequence has not to wait for: the siblings of the first get the whole prompt from it.</summary>
    public int CachedFor(Sequence sequence) => sequence == first ? prompt.Reading.CachedTokens : prompt.Tokens.Length;

    /// <summary>One more sibling waits for it.</summary>
    public void Add(Sequence sibling) => _waiting.Add(sibling);

    /// <summary>A sequence does not wait any more.</summary>
    public void Remove(Sequence sequence) => _waiting.Remove(sequence);

    /// <summary>Lets go of those that have ended.</summary>
    public void RemoveEnded() => _waiting.RemoveAll(sequence => sequence.IsEnded);

    /// <summary>The experts have come, which stay in memory as long as this.</summary>
    public void Keep(RoutingDecision decision, IReadOnlyList<AdapterLease> experts) => (Decision, _experts) = (decision, experts);

    public void Dispose()
    {
        prompt.Dispose();
        foreach (var expert in _experts)
        {
            expert.Dispose();
        }

        if (first.Siblings is { } siblings && siblings.Reading == this)
        {
            siblings.Reading = null;
        }
    }
}
