namespace DyLoraMoe.Core.Data.Corpus.Families;

/// <summary>People move about and pass things on; questions at the end ask where and whose.</summary>
internal sealed class StoryFamily : ICorpusFamily
{
    public string Name => "story";

    public string Description => "People move between places and pass things on, then questions about where and whose, answered from the story.";

    public int Share => 10;

    public string Write(SeededRandom random)
    {
        var people = random.PickSeveral(Lexicon.Names, random.Between(2, 3));
        var things = random.PickSeveral(Lexicon.Objects, random.Between(1, 2));
        var colors = random.PickSeveral(Lexicon.Colors, things.Length);
        var place = people.ToDictionary(p => p, _ => random.Pick(Lexicon.Places));
        var owner = things.ToDictionary(t => t, _ => random.Pick(people));

        var lines = new List<string>();
        lines.AddRange(people.Select(p => $"{p} is in the {place[p]}."));
        lines.AddRange(things.Select((t, i) => $"{owner[t]} has {Lexicon.An(colors[i])} {t}."));
        for (var events = random.Between(2, 6); events > 0; events--)
        {
            lines.Add(Happen(random, people, things, place, owner));
        }

        var separator = random.Chance(0.5) ? "\n" : " ";
        var questions = Enumerable.Range(0, random.Between(1, 3)).Select(_ => Ask(random, people, things, colors, place, owner));
        return string.Join(separator, lines) + "\n" + string.Join("\n", questions);
    }

    private static string Happen(
        SeededRandom random, string[] people, string[] things, Dictionary<string, string> place, Dictionary<string, string> owner)
    {
        var person = random.Pick(people);
        switch (random.Next(5))
        {
            case 0 or 1:
                place[person] = random.Pick(Lexicon.Places);
                return $"{person} {random.Pick(["goes", "walks", "runs"])} to the {place[person]}.";
            case 2 or 3:
                var thing = random.Pick(things);
                var giver = owner[thing];
                if (giver == person)
                {
                    return $"{person} likes the {thing}.";
                }

                owner[thing] = person;
                return $"{giver} gives the {thing} to {person}.";
            default:
                return $"{person} is {random.Pick(Lexicon.Moods)}.";
        }
    }

    private static string Ask(
        SeededRandom random, string[] people, string[] things, string[] colors, Dictionary<string, string> place, Dictionary<string, string> owner)
    {
        var person = random.Pick(people);
        var thing = random.Next(things.Length);
        var (question, answer) = random.Next(4) switch
        {
            0 => ($"Where is {person}?", $"{person} is in the {place[person]}."),
            1 => ($"Where is the {things[thing]}?", $"The {things[thing]} is in the {place[owner[things[thing]]]}."),
            2 => ($"Who has the {things[thing]}?", $"{owner[things[thing]]} has the {things[thing]}."),
            _ => ($"What color is the {things[thing]}?", $"The {things[thing]} is {colors[thing]}."),
        };
        return $"Q: {question}\nA: {answer}";
    }
}
