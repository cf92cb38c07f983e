using System.Text.Json.Serialization;
using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Core.Memory.Dreams;

/// <summary>One dream, with all that led to it and what became of it.</summary>
public sealed record Dream
{
    /// <summary>Its number in the night, from 0.</summary>
    public required int Number { get; init; }

    /// <summary>The memories that the walk met, in order, by their places in the graph.</summary>
    public required IReadOnlyList<int> Walk { get; init; }

    /// <summary>Those that collided: first the one whose wording is used. Two or three; one alone when the walk met no other.</summary>
    public required IReadOnlyList<int> Collision { get; init; }

    /// <summary>What was asked: a prompt, or the last message of a conversation; null when nothing new came of the collision.</summary>
    public string? Prompt { get; init; }

    /// <summary>What the model answered; none when it was not asked.</summary>
    public IReadOnlyList<DreamCandidate> Candidates { get; init; } = [];

    /// <summary>What most of them answered; null without one.</summary>
    public string? Answer { get; init; }

    /// <summary>Share of the candidates that did, 0 to 1; null without an answer.</summary>
    public double? Agreement { get; init; }

    /// <summary>What each critic said, by its name; the first that finds the answer wanting is the last that is asked.</summary>
    public IReadOnlyDictionary<string, DreamVerdict> Verdicts { get; init; } = new SortedDictionary<string, DreamVerdict>(StringComparer.Ordinal);

    /// <summary>What became of it.</summary>
    public required DreamOutcome Outcome { get; init; }

    /// <summary>Why it is not learnt from; null when it is.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether it is learnt from.</summary>
    [JsonIgnore]
    public bool IsKept => Outcome == DreamOutcome.Kept;

    /// <summary>The dream as a sample: as the first memory of the collision was asked, in a conversation behind the same messages. The answer is empty while there is none.</summary>
    /// <param name="graph">The memories of its night.</param>
    public Sample SampleIn(MemoryGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return graph.Nodes[Collision[0]].Sample.Asking(Prompt!, Answer ?? "");
    }
}

/// <summary>An answer to a dream.</summary>
/// <param name="Text">The answer; null for one that did not come to an end.</param>
/// <param name="LogProbability">The logarithm of the probability with which it was drawn, its end included: nats, of the policy that drew it with its temperature. Null when it was not measured.</param>
public sealed record DreamCandidate(string? Text, double? LogProbability = null);

/// <summary>What becomes of a dream.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DreamOutcome>))]
public enum DreamOutcome
{
    /// <summary>It is learnt from.</summary>
    Kept,

    /// <summary>Nothing new came of the collision.</summary>
    Nothing,

    /// <summary>It asks what is known already, or what was dreamt before.</summary>
    Duplicate,

    /// <summary>It asks what is held out to measure on.</summary>
    Leak,

    /// <summary>The candidates do not agree: nobody knows the answer.</summary>
    Unsure,

    /// <summary>All candidates agree: there is nothing to learn.</summary>
    Easy,

    /// <summary>A critic found the answer wanting.</summary>
    Rejected,
}
