namespace DyLoraMoe.Core.Data.Corpus.Families;

/// <summary>Facts that are true in every document, such as what sound an animal makes.</summary>
internal sealed class FactFamily : ICorpusFamily
{
    private static readonly string[] Sounds = ["woof", "meow", "moo", "neigh", "baa", "quack", "croak", "tweet", "blub", "squeak", "roar", "growl"];
    private static readonly string[] Homes = ["house", "house", "farm", "farm", "farm", "river", "river", "forest", "river", "house", "forest", "forest"];
    private static readonly string[] Legs = ["four", "four", "four", "four", "four", "two", "four", "two", "no", "four", "four", "four"];
    private static readonly string[] FoodColors = ["red", "brown", "white", "green", "white", "white", "blue", "green", "yellow", "brown", "black", "brown"];

    public string Name => "fact";

    public string Description => "Facts about animals and food that hold in every document, applied to named ones, with questions.";

    public int Share => 5;

    public string Write(SeededRandom random)
    {
        var lines = new List<string>();
        for (var facts = random.Between(3, 6); facts > 0; facts--)
        {
            lines.Add(random.Next(3) == 0 ? Food(random) : Animal(random));
        }

        return string.Join(random.Chance(0.7) ? "\n" : " ", lines);
    }

    private static string Animal(SeededRandom random)
    {
        var i = random.Next(Lexicon.Animals.Length);
        var (animal, name) = (Lexicon.Animals[i], random.Pick(Lexicon.Names));
        var statement = random.Next(3) switch { 0 => $"says {Sounds[i]}", 1 => $"has {Legs[i]} legs", _ => $"lives in the {Homes[i]}" };
        return random.Next(4) switch
        {
            0 => $"A {animal} {statement}.",
            1 => $"{name} has a {animal}. The {animal} of {name} {statement}.",
            2 => $"Q: What does a {animal} say? A: {Sounds[i]}.",
            _ => $"A {animal} is an animal. {name} is a {animal}. So {name} is an animal and {statement}.",
        };
    }

    private static string Food(SeededRandom random)
    {
        var i = random.Next(Lexicon.Foods.Length);
        var (food, color, name) = (Lexicon.Foods[i], FoodColors[i], random.Pick(Lexicon.Names));
        return random.Next(3) switch
        {
            0 => $"The {food} is food. The {food} is {color}.",
            1 => $"{name} eats the {food}. The {food} is {color}.",
            _ => $"Q: What color is the {food}? A: {color}.",
        };
    }
}
