namespace DyLoraMoe.Core.Data.Corpus.Families;

/// <summary>Records in JSON, and questions about their fields.</summary>
internal sealed class JsonFamily : ICorpusFamily
{
    public string Name => "json";

    public string Description => "Flat and nested JSON records and lists of them, records made from a sentence, and look-up of fields.";

    public int Share => 9;

    public string Write(SeededRandom random) => random.Next(4) switch
    {
        0 => FromSentences(random),
        1 => Lookups(random),
        2 => ListOfRecords(random),
        _ => Nested(random),
    };

    private static string FromSentences(SeededRandom random)
    {
        var lines = new List<string>();
        for (var count = random.Between(2, 3); count > 0; count--)
        {
            var person = Person.Draw(random);
            lines.Add($"{person.Name} is {person.Age} years old, likes {person.Color} and lives near the {person.Place}.");
            lines.Add(person.Json());
        }

        return string.Join("\n", lines);
    }

    private static string Lookups(SeededRandom random)
    {
        var person = Person.Draw(random);
        var lines = new List<string> { person.Json() };
        (string Key, string Value)[] fields =
            [("name", person.Name), ("age", person.Age), ("color", person.Color), ("place", person.Place)];
        foreach (var (key, value) in random.PickSeveral(fields, random.Between(2, 4)))
        {
            lines.Add(random.Chance(0.5) ? $"{key} -> {value}" : $"Q: What is the {key}? A: {value}");
        }

        return string.Join("\n", lines);
    }

    private static string ListOfRecords(SeededRandom random)
    {
        var names = random.PickSeveral(Lexicon.Names, random.Between(2, 4));
        var ages = names.Select(_ => random.Between(2, 60)).ToArray();
        var records = names.Select((name, i) => $"{{\"name\": \"{name}\", \"age\": {ages[i]}}}");
        var lines = new List<string> { $"[{string.Join(", ", records)}]" };
        for (var count = random.Between(1, 3); count > 0; count--)
        {
            var i = random.Next(names.Length);
            lines.Add($"Q: What is the age of {names[i]}? A: {ages[i]}");
        }

        return string.Join("\n", lines);
    }

    private static string Nested(SeededRandom random)
    {
        var (name, animal, color) = (random.Pick(Lexicon.Names), random.Pick(Lexicon.Animals), random.Pick(Lexicon.Colors));
        var bag = random.PickSeveral(Lexicon.Objects, random.Between(1, 3));
        var json = $"{{\"owner\": \"{name}\", \"pet\": {{\"kind\": \"{animal}\", \"color\": \"{color}\"}}, \"bag\": [{string.Join(", ", bag.Select(b => $"\"{b}\""))}]}}";
        string[] questions =
        [
            $"owner -> {name}",
            $"pet.kind -> {animal}",
            $"pet.color -> {color}",
            $"bag[0] -> {bag[0]}",
            $"Q: Who has the {animal}? A: {name}",
            $"Q: How many things are in the bag? A: {bag.Length}",
        ];
        return string.Join("\n", [json, .. random.PickSeveral(questions, random.Between(2, 4))]);
    }

    private sealed record Person(string Name, string Age, string Color, string Place)
    {
        public static Person Draw(SeededRandom random) => new(
            random.Pick(Lexicon.Names), $"{random.Between(2, 90)}", random.Pick(Lexicon.Colors), random.Pick(Lexicon.Places));

        public string Json() => $"{{\"name\": \"{Name}\", \"age\": {Age}, \"color\": \"{Color}\", \"place\": \"{Place}\"}}";
    }
}
