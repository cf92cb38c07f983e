namespace DyLoraMoe.Core.Memory.Dreams;

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
