namespace DyLoraMoe.Core.Data.Corpus.Families;

/// <summary>Counting on and reciting orders: numbers, letters, days, months. Only ever forwards.</summary>
internal sealed class SequenceFamily : ICorpusFamily
{
    public string Name => "sequence";

    public string Description => "Counting on from a number by a step, and reciting letters, days and months, always forwards.";

    public int Share => 5;

    public string Write(SeededRandom random)
    {
        var lines = new List<string>();
        for (var count = random.Between(3, 6); count > 0; count--)
        {
            lines.Add(random.Next(5) switch
            {
                0 or 1 => Numbers(random),
                2 or 3 => $"Letters: {Run(random, Lexicon.Letters, wrap: false)}",
                _ => random.Chance(0.5) ? $"Days: {Run(random, Lexicon.Days, wrap: true)}" : $"Months: {Run(random, Lexicon.Months, wrap: true)}",
            });
        }

        return string.Join("\n", lines);
    }

    private static string Numbers(SeededRandom random)
    {
        var step = random.Chance(0.5) ? 1 : random.Pick([2, 3, 5, 10]);
        var start = Lexicon.Magnitude(random, 2);
        var numbers = string.Join(" ", Enumerable.Range(0, random.Between(5, 10)).Select(i => start + (i * step)));
        return step == 1 ? $"Numbers: {numbers}" : $"Numbers by {step}: {numbers}";
    }

    private static string Run(SeededRandom random, string[] order, bool wrap)
    {
        var count = Math.Min(order.Length, random.Between(4, 12));
        var start = random.Next(wrap ? order.Length : order.Length - count + 1);
        return string.Join(" ", Enumerable.Range(start, count).Select(i => order[i % order.Length]));
    }
}
