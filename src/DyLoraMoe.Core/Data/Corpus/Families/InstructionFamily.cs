namespace DyLoraMoe.Core.Data.Corpus.Families;

/// <summary>Named tasks: the name in front says what is to be done with the rest of the line.</summary>
internal sealed class InstructionFamily : ICorpusFamily
{
    private static readonly (string Name, string Sentence, Func<SeededRandom, (string Input, string Output)> Make)[] Tasks =
    [
        ("Copy", "Copy the text.", r => On(Draw(r, 2, 8), items => items)),
        ("First", "Say the first one.", r => On(Draw(r, 2, 7), items => [items[0]])),
        ("Last", "Say the last one.", r => On(Draw(r, 2, 7), items => [items[^1]])),
        ("Twice", "Say it twice.", r => On(Draw(r, 1, 4), items => [.. items, .. items])),
        ("Length", "Say how many there are.", r => On(Draw(r, 1, 9), items => [$"{items.Length}"])),
        ("Join", "Join with commas.", r => On(Draw(r, 2, 6), items => [string.Join(", ", items)])),
        ("Add", "Add the numbers.", r => Numbers(r, (a, b) => a + b)),
        ("Larger", "Say the larger number.", r => Numbers(r, Math.Max)),
        ("Animal", "Find the animal.", r => Find(r, Lexicon.Animals)),
        ("Color", "Find the color.", r => Find(r, Lexicon.Colors)),
        ("Food", "Find the food.", r => Find(r, Lexicon.Foods)),
        ("Contains", "Say if the first is among the rest.", Contains),
        ("Replace", "Put the second for the first.", Replace),
    ];

    public string Name => "instruction";

    public string Description => "Named tasks on lists, numbers and words, as one-line tasks and as instruction, input and output.";

    public int Share => 9;

    public string Write(SeededRandom random)
    {
        if (random.Chance(0.3))
        {
            return string.Join("\n\n", Enumerable.Range(0, random.Between(1, 3)).Select(_ => Long(random)));
        }

        return string.Join("\n", Enumerable.Range(0, random.Between(4, 8)).Select(_ => Short(random)));
    }

    private static string Short(SeededRandom random)
    {
        var task = random.Pick(Tasks);
        var (input, output) = task.Make(random);
        return $"{task.Name}: {input} -> {output}";
    }

    private static string Long(SeededRandom random)
    {
        var task = random.Pick(Tasks);
        var (input, output) = task.Make(random);
        return $"Instruction: {task.Sentence}\nInput: {input}\nOutput: {output}";
    }

    private static string[] Draw(SeededRandom random, int least, int most) => Lexicon.Draw(Lexicon.Tokens(random), random.Between(least, most));

    private static (string, string) On(string[] items, Func<string[], string[]> apply) => (string.Join(" ", items), string.Join(" ", apply(items)));

    private static (string, string) Numbers(SeededRandom random, Func<int, int, int> apply)
    {
        var (a, b) = (Lexicon.Magnitude(random, 2), Lexicon.Magnitude(random, 2));
        return ($"{a} {b}", $"{apply(a, b)}");
    }

    private static (string, string) Find(SeededRandom random, string[] wanted)
    {
        string[] others = [.. Lexicon.Words.Except(wanted)];
        var found = random.Pick(wanted);
        var items = random.PickSeveral(others, random.Between(2, 5)).Append(found).ToArray();
        random.Shuffle(items.AsSpan());
        return (string.Join(" ", items), found);
    }

    private static (string, string) Contains(SeededRandom random)
    {
        var items = random.PickSeveral(Lexicon.Letters, random.Between(2, 6));
        var wanted = random.Chance(0.5) ? random.Pick(items) : random.Pick(Lexicon.Letters);
        return ($"{wanted} in {string.Join(" ", items)}", items.Contains(wanted) ? "yes" : "no");
    }

    private static (string, string) Replace(SeededRandom random)
    {
        var items = random.PickSeveral(Lexicon.Letters, random.Between(2, 6));
        var (old, fresh) = (random.Pick(items), random.Pick(Lexicon.Letters));
        return ($"{old} by {fresh} in {string.Join(" ", items)}", string.Join(" ", items.Select(item => item == old ? fresh : item)));
    }
}
