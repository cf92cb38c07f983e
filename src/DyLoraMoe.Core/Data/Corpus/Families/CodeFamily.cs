namespace DyLoraMoe.Core.Data.Corpus.Families;

/// <summary>Programs in a small language like Python, each with what it prints in a comment.</summary>
internal sealed class CodeFamily : ICorpusFamily
{
    private static readonly string[] Variables = ["a", "b", "c", "n", "x", "y", "total", "value"];
    private static readonly string[] Functions = ["f", "g", "h", "add", "step", "calc", "make"];

    public string Name => "code";

    public string Description => "Short programs in a language like Python: variables, functions, loops, conditions and lists, each with what it prints.";

    public int Share => 10;

    public string Write(SeededRandom random)
    {
        var program = random.Pick<Func<SeededRandom, string>>([Assignments, Function, Choice, SumLoop, PrintLoop, Lists, Strings]);
        var parts = Enumerable.Range(0, random.Between(2, 3)).Select(_ => program(random));
        return string.Join("\n\n", parts);
    }

    private static string Assignments(SeededRandom random)
    {
        var names = random.PickSeveral(Variables, 3);
        var (a, b) = (random.Between(1, 20), random.Between(1, 20));
        var (times, c) = (random.Chance(0.3), random.Between(2, 5));
        return $"{names[0]} = {a}\n{names[1]} = {names[0]} + {b}\n{names[2]} = {names[1]} {(times ? "*" : "+")} {c}\n"
            + $"print({names[1]})  # {a + b}\nprint({names[2]})  # {(times ? (a + b) * c : a + b + c)}";
    }

    private static string Function(SeededRandom random)
    {
        var (name, x, k) = (random.Pick(Functions), random.Pick(Variables), random.Between(1, 9));
        var times = random.Chance(0.4);
        var lines = new List<string> { $"def {name}({x}):", $"    return {x} {(times ? "*" : "+")} {k}" };
        for (var calls = random.Between(2, 4); calls > 0; calls--)
        {
            var argument = random.Next(times ? 10 : 40);
            lines.Add($"print({name}({argument}))  # {(times ? argument * k : argument + k)}");
        }

        return string.Join("\n", lines);
    }

    private static string Choice(SeededRandom random)
    {
        var (name, x, limit) = (random.Pick(Functions), random.Pick(Variables), random.Between(5, 50));
        var words = random.PickSeveral(Lexicon.Words, 2);
        var lines = new List<string>
        {
            $"def {name}({x}):", $"    if {x} > {limit}:", $"        return \"{words[0]}\"", "    else:", $"        return \"{words[1]}\"",
        };
        for (var calls = random.Between(2, 4); calls > 0; calls--)
        {
            var argument = random.Next(2 * limit);
            lines.Add($"print({name}({argument}))  # {words[argument > limit ? 0 : 1]}");
        }

        return string.Join("\n", lines);
    }

    private static string SumLoop(SeededRandom random)
    {
        var names = random.PickSeveral(Variables, 2);
        var items = Enumerable.Range(0, random.Between(2, 4)).Select(_ => random.Between(1, 12)).ToArray();
        return $"{names[0]} = 0\nfor {names[1]} in [{string.Join(", ", items)}]:\n    {names[0]} = {names[0]} + {names[1]}\nprint({names[0]})  # {items.Sum()}";
    }

    private static string PrintLoop(SeededRandom random)
    {
        var (i, count, word) = (random.Pick(["i", "j", "k"]), random.Between(2, 5), random.Pick(Lexicon.Words));
        return random.Chance(0.5)
            ? $"for {i} in range({count}):\n    print({i})\n" + string.Join("\n", Enumerable.Range(0, count).Select(v => $"# {v}"))
            : $"for {i} in range({count}):\n    print(\"{word}\")\n" + string.Join("\n", Enumerable.Repeat($"# {word}", count));
    }

    private static string Lists(SeededRandom random)
    {
        var name = random.Pick(["items", "xs", "data"]);
        var items = Lexicon.Draw(() => Lexicon.Number(random), random.Between(2, 5)).ToList();
        var lines = new List<string> { $"{name} = [{string.Join(", ", items)}]" };
        if (random.Chance(0.5))
        {
            items.Add(Lexicon.Number(random));
            lines.Add($"{name}.append({items[^1]})");
            lines.Add($"print({name})  # [{string.Join(", ", items)}]");
        }

        var at = random.Next(items.Count);
        lines.Add($"print({name}[{at}])  # {items[at]}");
        lines.Add($"print(len({name}))  # {items.Count}");
        return string.Join("\n", lines);
    }

    private static string Strings(SeededRandom random)
    {
        var names = random.PickSeveral(Variables, 2);
        var words = random.PickSeveral(Lexicon.Words, 2);
        return $"{names[0]} = \"{words[0]}\"\n{names[1]} = \"{words[1]}\"\nprint({names[0]} + \" \" + {names[1]})  # {words[0]} {words[1]}\nprint({names[1]})  # {words[1]}";
    }
}
