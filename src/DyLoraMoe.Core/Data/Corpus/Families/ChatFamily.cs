namespace DyLoraMoe.Core.Data.Corpus.Families;

/// <summary>Short talks in which the assistant remembers what it was told.</summary>
internal sealed class ChatFamily : ICorpusFamily
{
    private static readonly string[] Greetings = ["Hello.", "Hi.", "Good day."];

    public string Name => "chat";

    public string Description => "Talks of a user and an assistant: greetings, remembering what was said, small questions.";

    public int Share => 4;

    public string Write(SeededRandom random)
    {
        var name = random.Pick(Lexicon.Names);
        var lines = new List<string> { $"User: {random.Pick(Greetings)} My name is {name}.", $"Assistant: Hello {name}. How can I help?" };
        var told = new Dictionary<string, string> { ["name"] = name };
        for (var turns = random.Between(2, 4); turns > 0; turns--)
        {
            var (user, assistant) = Turn(random, told);
            lines.Add("User: " + user);
            lines.Add("Assistant: " + assistant);
        }

        lines.Add("User: Thanks.");
        lines.Add($"Assistant: Goodbye {name}.");
        return string.Join("\n", lines);
    }

    private static (string User, string Assistant) Turn(SeededRandom random, Dictionary<string, string> told)
    {
        switch (random.Next(4))
        {
            case 0:
                var (kind, value) = random.Next(3) switch
                {
                    0 => ("color", random.Pick(Lexicon.Colors)),
                    1 => ("pet", random.Pick(Lexicon.Animals)),
                    _ => ("food", random.Pick(Lexicon.Foods)),
                };
                told[kind] = value;
                return ($"My {kind} is {value}.", $"I will remember that your {kind} is {value}.");
            case 1:
                var asked = random.Pick(told.Keys.Order(StringComparer.Ordinal).ToArray());
                return ($"What is my {asked}?", $"Your {asked} is {told[asked]}.");
            case 2:
                var (a, b) = (Lexicon.Magnitude(random, 2), Lexicon.Magnitude(random, 2));
                return ($"What is {a} plus {b}?", $"It is {a + b}.");
            default:
                var words = string.Join(" ", random.PickSeveral(Lexicon.Words, random.Between(1, 4)));
                return ($"Please say {words}.", $"{char.ToUpperInvariant(words[0])}{words[1..]}.");
        }
    }
}
