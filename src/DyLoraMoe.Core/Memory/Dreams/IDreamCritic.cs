using System.Text.Json.Serialization;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Tokenization.Chat;

namespace DyLoraMoe.Core.Memory.Dreams;

/// <summary>Says how good the answer to a dream is: the training signal.</summary>
public interface IDreamCritic
{
    /// <summary>Its name, for reports.</summary>
    string Name { get; }

    /// <summary>The least score with which a dream is kept.</summary>
    double Least { get; }

    /// <summary>Judges answers.</summary>
    /// <param name="dreams">Prompts with the answers that most candidates gave.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <returns>One verdict a dream.</returns>
    IReadOnlyList<DreamVerdict> Judge(IReadOnlyList<DreamtAnswer> dreams, CancellationToken cancellation = default);
}

/// <summary>A prompt with an answer to be judged.</summary>
/// <param name="Prompt">The prompt; of a conversation what it says before the answer, message by message.</param>
/// <param name="Answer">The answer.</param>
public sealed record DreamtAnswer(string Prompt, string Answer)
{
    /// <summary>The conversation that is answered; null for a prompt outside of one.</summary>
    public IReadOnlyList<ChatMessage>? Messages { get; init; }

    /// <summary>Both as a sample.</summary>
    [JsonIgnore]
    public Sample Sample => Messages is { } said ? Sample.Chat(new Conversation(said), Answer) : Sample.Pair(Prompt, Answer);

    /// <summary>The answer to a dream.</summary>
    /// <param name="dream">The dream; it has an answer.</param>
    /// <param name="graph">The memories of its night.</param>
    public static DreamtAnswer Of(Dream dream, MemoryGraph graph)
    {
        ArgumentNullException.ThrowIfNull(dream);
        var sample = dream.SampleIn(graph);
        return new(sample.Prompt, sample.Answer) { Messages = sample.Conversation?.Messages, Skill = graph.Nodes[dream.Collision[0]].Skill };
    }

    /// <summary>The skill whose wording it has; null when that is not known.</summary>
    public string? Skill { get; init; }
}

/// <summary>What a critic says of an answer.</summary>
/// <param name="Score">How good it is, 0 to 1.</param>
/// <param name="Note">What the score comes from, for people; null when there is nothing to say.</param>
public sealed record DreamVerdict(double Score, string? Note = null);

/// <summary>A critic that knows the rule: 1 where it holds, 0 where not. It may know rules, and must not know held-out answers.</summary>
/// <param name="name">What the rule is, for reports.</param>
/// <param name="holds">Whether an answer is right; null where the rule does not apply, which counts as wrong.</param>
public sealed class RuleCritic(string name, Func<string, string, bool?> holds) : IDreamCritic
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public double Least => 1;

    /// <inheritdoc/>
    public IReadOnlyList<DreamVerdict> Judge(IReadOnlyList<DreamtAnswer> dreams, CancellationToken cancellation = default) =>
        [.. dreams.Select(dream => new DreamVerdict(holds(dream.Prompt, dream.Answer) == true ? 1 : 0))];
}
