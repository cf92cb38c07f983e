namespace DyLoraMoe.Core.Data.Corpus.Families;

/// <summary>Examples of one unnamed rule, so that the rule has to be read off the context.</summary>
internal sealed class FewShotFamily : ICorpusFamily
{
    private static readonly string[] Arrows = [" -> ", " -> ", " => ", " : "];

    public string Name => "few-shot";

    public string Description => "Lines of input and output that follow one rule per document: copy, first, last, repeat, add a mark, wrap, a label per category, add a number, a private dictionary.";

    public int Share => 11;

    public string Write(SeededRandom random)
    {
        var arrow = random.Pick(Arrows);
        var rule = random.Pick<Func<SeededRandom, Func<(string Input, string Output)>>>([OnSequence, OnSequence, Label, AddNumber, Dictionary]);
        var example = rule(random);
        var lines = new List<string>();
        for (var count = random.Between(5, 10); count > 0; count--)
        {
            var (input, output) = example();
            lines.Add(input + arrow + output);
        }

        return string.Join("\n", lines);
    }

    private static Func<(string, string)> OnSequence(SeededRandom random)
    {
        var token = Lexicon.Tokens(random);
        var mark = random.Pick(Lexicon.Symbols);
        var apply = random.Pick<Func<string[], string[]>>(
        [
            items => items,
            items => items,
            items => [items[0]],
            items => [items[^1]],
            items => [.. items, .. items],
            items => [.. items, mark],
            items => [mark, .. items],
            items => [mark, .. items, mark],
            items => [.. items.SelectMany(item => new[] { item, item })],
        ]);
        return () =>
        {
            var items = Lexicon.Draw(token, random.Between(1, 6));
            return (string.Join(" ", items), string.Join(" ", apply(items)));
        };
    }

    private static Func<(string, string)> Label(SeededRandom random)
    {
        var groups = random.PickSeveral<string[]>([Lexicon.Animals, Lexicon.Colors, Lexicon.Places, Lexicon.Foods, Lexicon.Names], random.Between(2, 3));
        var labels = random.PickSeveral<string>([.. Lexicon.Letters, "yes", "no", "one", "two", "good", "bad"], groups.Length);
        return () =>
        {
            var group = random.Next(groups.Length);
            return (random.Pick(groups[group]), labels[group]);
        };
    }

    private static Func<(string, string)> AddNumber(SeededRandom random)
    {
        var number = random.Between(1, 10);
        return () =>
        {
            var input = random.Next(90);
            return ($"{input}", $"{input + number}");
        };
    }

    private static Func<(string, string)> Dictionary(SeededRandom random)
    {
        var inputs = random.PickSeveral(Lexicon.Words, random.Between(3, 5));
        var outputs = random.PickSeveral(Lexicon.Words, inputs.Length);
        return () =>
        {
            var i = random.Next(inputs.Length);
            return (inputs[i], outputs[i]);
        };
    }
}
