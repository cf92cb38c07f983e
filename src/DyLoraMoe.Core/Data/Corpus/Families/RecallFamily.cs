namespace DyLoraMoe.Core.Data.Corpus.Families;

/// <summary>Pairs are given once, then asked for.</summary>
internal sealed class RecallFamily : ICorpusFamily
{
    public string Name => "recall";

    public string Description => "Key-value pairs given once and then asked for, in several notations.";

    public int Share => 9;

    public string Write(SeededRandom random)
    {
        var count = random.Between(3, 8);
        var keys = random.PickSeveral(random.Pick([Lexicon.Names, Lexicon.Objects, Lexicon.Letters]), count);
        var token = Lexicon.Tokens(random);
        var values = keys.Select(_ => string.Join(" ", Lexicon.Draw(token, random.Chance(0.7) ? 1 : random.Between(2, 3)))).ToArray();
        var asked = Enumerable.Range(0, random.Between(2, 6)).Select(_ => random.Next(count)).ToArray();

        return random.Next(3) switch
        {
            0 => Lines(keys.Select((k, i) => $"{k} = {values[i]}"), asked.Select(i => $"{keys[i]} ? {values[i]}")),
            1 => Lines(keys.Select((k, i) => $"The code of {k} is {values[i]}."), asked.Select(i => $"Q: What is the code of {keys[i]}? A: {values[i]}")),
            _ => Lines(keys.Select((k, i) => $"{k}: {values[i]}"), asked.Select(i => $"get {keys[i]} -> {values[i]}")),
        };
    }

    private static string Lines(IEnumerable<string> given, IEnumerable<string> asked) => string.Join("\n", [.. given, .. asked]);
}
