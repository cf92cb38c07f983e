namespace DyLoraMoe.Core.Data.Corpus.Families;

/// <summary>Addition, comparison, counting and the small multiplication table, in several notations.</summary>
internal sealed class ArithmeticFamily : ICorpusFamily
{
    public string Name => "arithmetic";

    public string Description => "Addition up to three digits, comparison, counting things, multiplication up to ten times ten, as formulas, questions and word problems.";

    public int Share => 15;

    public string Write(SeededRandom random)
    {
        var write = random.Next(9) switch
        {
            0 or 1 or 2 => Sum,
            3 => SumInWords,
            4 => SumStory,
            5 => Compare,
            6 => CountThings,
            7 => Product,
            _ => (Func<SeededRandom, string>?)null,
        };
        var lines = new List<string>();
        for (var count = random.Between(5, 10); count > 0; count--)
        {
            lines.Add((write ?? Any(random))(random));
        }

        return string.Join("\n", lines);
    }

    private static Func<SeededRandom, string> Any(SeededRandom random) =>
        random.Pick<Func<SeededRandom, string>>([Sum, SumInWords, SumStory, Compare, CountThings, Product]);

    private static string Sum(SeededRandom random)
    {
        var digits = random.Chance(0.2) ? 3 : 2;
        var (a, b) = (Lexicon.Magnitude(random, digits), Lexicon.Magnitude(random, digits));
        if (random.Chance(0.1))
        {
            var c = random.Next(10);
            return $"{a} + {b} + {c} = {a + b + c}";
        }

        return $"{a} + {b} = {a + b}";
    }

    private static string SumInWords(SeededRandom random)
    {
        var (a, b) = (Lexicon.Magnitude(random, 2), Lexicon.Magnitude(random, 2));
        return random.Next(3) switch
        {
            0 => $"Q: What is {a} plus {b}? A: {a + b}",
            1 => $"Add: {a} {b} -> {a + b}",
            _ => $"{a} and {b} make {a + b}.",
        };
    }

    private static string SumStory(SeededRandom random)
    {
        var (a, b) = (random.Between(2, 20), random.Between(2, 20));
        var people = random.PickSeveral(Lexicon.Names, 2);
        var thing = random.Pick(Lexicon.Objects);
        return random.Chance(0.5)
            ? $"{people[0]} has {a} {Many(thing)}. {people[1]} gives {people[0]} {b} {Many(thing)}. Now {people[0]} has {a + b} {Many(thing)}."
            : $"{people[0]} has {a} {Many(thing)} and {people[1]} has {b} {Many(thing)}. Together they have {a + b} {Many(thing)}.";
    }

    private static string Compare(SeededRandom random)
    {
        var (a, b) = (Lexicon.Magnitude(random, 3), Lexicon.Magnitude(random, 3));
        return random.Next(4) switch
        {
            0 => $"{a} {(a < b ? "<" : a > b ? ">" : "=")} {b}",
            1 => $"Larger: {a} {b} -> {Math.Max(a, b)}",
            2 => $"Smaller: {a} {b} -> {Math.Min(a, b)}",
            _ => $"Q: Is {a} larger than {b}? A: {(a > b ? "Yes" : "No")}",
        };
    }

    private static string CountThings(SeededRandom random)
    {
        var count = random.Between(1, 9);
        var thing = random.Pick(random.Chance(0.5) ? Lexicon.Objects : Lexicon.Letters);
        return $"Count: {string.Join(" ", Enumerable.Repeat(thing, count))} -> {count}";
    }

    private static string Product(SeededRandom random)
    {
        var (a, b) = (random.Between(0, 10), random.Between(0, 10));
        return random.Chance(0.7) ? $"{a} * {b} = {a * b}" : $"Q: What is {a} times {b}? A: {a * b}";
    }

    private static string Many(string thing) => thing == "box" ? "boxes" : thing + "s";
}
