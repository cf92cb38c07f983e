using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Core.Tokenization.Chat;
using static TorchSharp.torch;

namespace DyLoraMoe.Router.Traffic;

/// <summary>
/// Adds up how new the prompts look that experts are chosen for, and groups those that are like no known skill into skills that could be taught. Any
/// thread may use it; the engine's waits at most for one grouping of what is remembered.
/// </summary>
/// <param name="map">The skills; from now on this one's to dispose.</param>
/// <param name="novelty">Made from the same map.</param>
/// <param name="keepPrompts">Whether the prompts themselves are remembered beside their features, in memory only.</param>
internal sealed class TrafficMonitor(NoveltyMap map, PromptNovelty novelty, bool keepPrompts) : IDisposable
{
    // A sample of a skill that is longer is nothing that a person fills in by hand.
    private const int LongestPrompt = 4096;

    private readonly Lock _lock = new();
    private readonly DriftMonitor _monitor = new(map, novelty);
    private readonly Dictionary<string, AskedPrompt> _prompts = new(StringComparer.Ordinal);

    /// <summary>The sum beyond which a flag goes up, and where it stands; flags so far.</summary>
    public (double Limit, DriftState State) Standing
    {
        get
        {
            lock (_lock)
            {
                return (_monitor.Limit, _monitor.State);
            }
        }
    }

    /// <summary>Takes in a request.</summary>
    /// <param name="id">Its name.</param>
    /// <param name="prompt">What was asked.</param>
    /// <param name="features">Its features, (1, F).</param>
    /// <param name="figures">How new it looks.</param>
    public void Observe(string id, Func<AskedPrompt> prompt, Tensor features, PromptFigures figures)
    {
        lock (_lock)
        {
            _monitor.Observe([id], features, [figures]);
            if (!keepPrompts || _monitor.State.Recent is not [.., { Id: var newest }] || newest != id)
            {
                return;
            }

            if (prompt() is { Length: > 0 and <= LongestPrompt } asked)
            {
                _prompts[id] = asked;
            }

            foreach (var forgotten in _prompts.Keys.Except(_monitor.State.Recent.Select(request => request.Id), StringComparer.Ordinal).ToList())
            {
                _prompts.Remove(forgotten);
            }
        }
    }

    /// <summary>Skills that could be taught, the largest group of requests first, each with as many of its prompts as are remembered; those of more than 4,096 characters are not.</summary>
    /// <param name="proposed">Centroids of earlier proposals, which are not proposed again.</param>
    /// <exception cref="ArgumentException">A centroid is another map's.</exception>
    public IReadOnlyList<(ProposedSkill Skill, IReadOnlyList<AskedPrompt> Prompts)> Propose(IReadOnlyList<IReadOnlyList<float>> proposed)
    {
        lock (_lock)
        {
            return [.. _monitor.Propose(proposed).Select(skill => (skill, (IReadOnlyList<AskedPrompt>)[.. skill.Members.Where(_prompts.ContainsKey).Select(id => _prompts[id])]))];
        }
    }

    public void Dispose() => map.Dispose();
}

/// <summary>What was asked, in the form in which it was.</summary>
/// <param name="Text">A plain prompt; null for a conversation.</param>
/// <param name="Messages">A conversation; null for a plain prompt.</param>
internal sealed record AskedPrompt(string? Text, IReadOnlyList<ChatMessage>? Messages)
{
    /// <summary>Characters.</summary>
    public int Length => Text?.Length ?? Messages!.Sum(message => message.Content.Length);
}
