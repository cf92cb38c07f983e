namespace DyLoraMoe.Core.Data.Corpus.Families;

/// <summary>Chains of comparisons and rules that are applied.</summary>
internal sealed class ReasoningFamily : ICorpusFamily
{
    private static readonly string[] Comparisons = ["taller", "older", "faster", "stronger"];

    public string Name => "reasoning";

    public string Description => "Chains of comparisons with yes or no questions, and if-then rules that apply or do not.";

    public int Share => 6;

    public string Write(SeededRandom random) => random.Chance(0.6) ? Chain(random) : Rules(random);

    private static string Chain(SeededRandom random)
    {
        var comparison = random.Pick(Comparisons);
        var people = random.PickSeveral(Lexicon.Names, random.Between(3, 4));
        var links = Enumerable.Range(0, people.Length - 1).Select(i => $"{people[i]} is {comparison} than {people[i + 1]}.").ToArray();
        random.Shuffle(links.AsSpan());

        var lines = new List<string> { string.Join(" ", links) };
        for (var questions = random.Between(2, 4); questions > 0; questions--)
        {
            var i = random.Next(people.Length);
            var j = random.Next(people.Length - 1);
            j += j >= i ? 1 : 0;
            lines.Add($"Is {people[i]} {comparison} than {people[j]}? {(i < j ? "Yes" : "No")}.");
        }

        if (random.Chance(0.5))
        {
            lines.Add($"Who is {comparison} than all? {people[0]}.");
        }

        return string.Join("\n", lines);
    }

    private static string Rules(SeededRandom random)
    {
        var lines = new List<string>();
        for (var rules = random.Between(2, 4); rules > 0; rules--)
        {
            var name = random.Pick(Lexicon.Names);
            var thing = random.Pick(Lexicon.Objects);
            var color = random.PickSeveral(Lexicon.Colors, 2);
            var place = random.PickSeveral(Lexicon.Places, 2);
            var holds = random.Chance(0.5);
            lines.Add($"If the {thing} is {color[0]}, {name} goes to the {place[0]}. If not, {name} goes to the {place[1]}."
                + $" The {thing} is {color[holds ? 0 : 1]}. So {name} goes to the {place[holds ? 0 : 1]}.");
        }

        return string.Join("\n", lines);
    }
}
