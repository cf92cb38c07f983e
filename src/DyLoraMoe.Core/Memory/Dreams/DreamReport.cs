using System.Text.Json.Serialization;

namespace DyLoraMoe.Core.Memory.Dreams;

/// <summary>One dream, with all that led to it and what became of it.</summary>
/// <param name="Number">Its number in the night.</param>
/// <param name="Walk">The memories that the walk met, by their prompts, in order.</param>
/// <param name="Prompt">What was asked; null when nothing new came of the collision.</param>
/// <param name="Answers">What the candidates answered, and how many of them.</param>
/// <param name="Answer">What most of them answered; null without one.</param>
/// <param name="Agreement">Share of the candidates that did, 0 to 1.</param>
/// <param name="Scores">What each critic said.</param>
/// <param name="Outcome">What became of it.</param>
public sealed record Dream(
    int Number, IReadOnlyList<string> Walk, string? Prompt, IReadOnlyDictionary<string, int> Answers, string? Answer, double Agreement, IReadOnlyDictionary<string, double> Scores, DreamOutcome Outcome)
{
    /// <summary>Whether it is learnt from.</summary>
    public bool IsKept => Outcome == DreamOutcome.Kept;
}

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

/// <summary>What a night came to.</summary>
/// <param name="Dreams">All dreams, in order.</param>
public sealed record DreamReport(IReadOnlyList<Dream> Dreams)
{
    /// <summary>Dreams that are learnt from.</summary>
    public int Kept => Dreams.Count(dream => dream.IsKept);

    /// <summary>Share of different pairs of words among all pairs of words of kept prompts, 0 to 1 (distinct-2); null without any.</summary>
    public double? Distinct2
    {
        get
        {
            var pairs = Dreams.Where(dream => dream.IsKept).Select(dream => dream.Prompt!.Split(' ')).SelectMany(words => words.Zip(words.Skip(1))).ToList();
            return pairs.Count == 0 ? null : (double)pairs.Distinct().Count() / pairs.Count;
        }
    }

    /// <summary>How many dreams had each outcome.</summary>
    public IReadOnlyDictionary<DreamOutcome, int> Outcomes => new SortedDictionary<DreamOutcome, int>(Dreams.GroupBy(dream => dream.Outcome).ToDictionary(group => group.Key, group => group.Count()));
}
