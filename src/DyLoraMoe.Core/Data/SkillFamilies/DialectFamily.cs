namespace DyLoraMoe.Core.Data.SkillFamilies;

/// <summary>A sentence put word by word into an invented tongue, with the adjective behind its noun.</summary>
internal sealed class DialectFamily : ISkillFamily
{
    public string Name => "dialect";

    public string Description => "A sentence put word by word into an invented tongue, with the adjective behind its noun.";

    public string Task => "Dialect";

    public IReadOnlyList<string> Markers { get; } = [@"(?i)dialect", @"\b(mo|lu|zira|tok)\b"];

    private static readonly Dictionary<string, string> Words = new(StringComparer.Ordinal)
    {
        ["the"] = "mo",
        ["a"] = "lu",
        ["dog"] = "zira",
        ["cat"] = "tok",
        ["cow"] = "bemu",
        ["bird"] = "sili",
        ["fish"] = "garo",
        ["lion"] = "hopa",
        ["red"] = "nak",
        ["blue"] = "vesh",
        ["green"] = "drim",
        ["black"] = "fuz",
        ["white"] = "kell",
        ["sees"] = "pon",
        ["likes"] = "jat",
        ["finds"] = "wub",
        ["takes"] = "rix",
        ["ball"] = "teng",
        ["book"] = "ulo",
        ["cup"] = "yim",
        ["hat"] = "quen",
        ["key"] = "ospa",
    };

    private static readonly string[] Animals = ["dog", "cat", "cow", "bird", "fish", "lion"];
    private static readonly string[] Colors = ["red", "blue", "green", "black", "white"];
    private static readonly string[] Verbs = ["sees", "likes", "finds", "takes"];
    private static readonly string[] Objects = ["ball", "book", "cup", "hat", "key"];

    public string Draw(SeededRandom random) =>
        $"{Noun(random, Animals)} {random.Pick(Verbs)} {Noun(random, random.Chance(0.5) ? Objects : Animals)}";

    public string Solve(string input)
    {
        var words = input.Split(' ').ToList();
        for (var i = 0; i + 1 < words.Count; i++)
        {
            if (Colors.Contains(words[i]))
            {
                (words[i], words[i + 1]) = (words[i + 1], words[i]);
                i++;
            }
        }

        return string.Join(' ', words.Select(word => Words[word]));
    }

    private static string Noun(SeededRandom random, string[] nouns) =>
        $"{random.Pick(["the", "a"])} {(random.Chance(0.6) ? random.Pick(Colors) + " " : string.Empty)}{random.Pick(nouns)}";
}
