namespace DyLoraMoe.Core.Data.Corpus.Families;

/// <summary>Random tokens that come again, which teaches attention to look for what followed last time.</summary>
internal sealed class InductionFamily : ICorpusFamily
{
    public string Name => "induction";

    public string Description => "Strings of random letters, numbers or words that are repeated, whole or in pairs.";

    public int Share => 7;

    public string Write(SeededRandom random)
    {
        var token = Lexicon.Tokens(random);
        return random.Chance(0.6) ? Repeats(random, token) : Pairs(random, token);
    }

    private static string Repeats(SeededRandom random, Func<string> token)
    {
        var lines = new List<string>();
        var separator = random.Pick(["\n", " | ", " ; "]);
        for (var blocks = random.Between(1, 2); blocks > 0; blocks--)
        {
            var run = string.Join(" ", Lexicon.Draw(token, random.Between(3, 12)));
            lines.AddRange(Enumerable.Repeat(run, random.Between(2, 4)));
        }

        return string.Join(separator, lines);
    }

    private static string Pairs(SeededRandom random, Func<string> token)
    {
        var pairs = Enumerable.Range(0, random.Between(3, 6)).Select(_ => $"{token()} {token()}").ToArray();
        return string.Join(random.Chance(0.5) ? " " : " , ", Enumerable.Range(0, random.Between(10, 24)).Select(_ => random.Pick(pairs)));
    }
}
