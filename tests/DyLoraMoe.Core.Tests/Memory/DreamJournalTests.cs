using System.Globalization;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Memory.Dreams;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Core.Tests.Memory;

public sealed class DreamJournalTests : IDisposable
{
    private const int Count = 50;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_night_that_was_killed_anywhere_goes_on_and_ends_the_same()
    {
        var whole = Dreamt("whole", out var asked);
        var bytes = File.ReadAllBytes(_folder["whole"]);
        var beginning = Array.IndexOf(bytes, (byte)'\n') + 1;
        var random = new SeededRandom(5);
        for (var kill = 0; kill < 20; kill++)
        {
            File.WriteAllBytes(_folder["cut"], bytes[..(beginning + random.Next(bytes.Length - beginning + 1))]);
            var written = File.ReadAllText(_folder["cut"]).Count(letter => letter == '\n') - 1;

            var report = Dreamt("cut", out var askedAgain);

            Assert.Equal(bytes, File.ReadAllBytes(_folder["cut"]));
            Assert.Equal(whole.Outcomes, report.Outcomes);
            Assert.Equal(whole.Dreams.Select(dream => dream.Answer), report.Dreams.Select(dream => dream.Answer));
            Assert.True(written < 16 || askedAgain < asked);
        }

        Dreamt("whole", out var none);
        Assert.Equal(0, none);
    }

    [Fact]
    public void A_night_goes_on_over_the_memories_it_began_with()
    {
        Dreamt("night", out _);

        var journal = DreamJournal.Open(_folder["night"], "me", () => throw new InvalidOperationException("they are remembered"));

        Assert.Equal(Graph().Nodes, journal.Graph.Nodes);
        Assert.Equal(Graph().Edges, journal.Graph.Edges);
        Assert.Equal(Count, journal.Dreams.Count);
        Assert.All(journal.Dreams, dream => Assert.Equal((dream.IsKept, dream.Walk[^1]), (dream.Reason is null, dream.Collision[0])));
        Assert.Contains(journal.Dreams, dream => dream.Candidates.Any(candidate => candidate.LogProbability is -1.5));
        Assert.Contains(journal.Dreams, dream => dream is { Outcome: DreamOutcome.Rejected, Reason: "rule: 0, less than 1" });
    }

    [Fact]
    public void An_episode_is_written_by_name_and_its_night_goes_on_only_while_it_is_there()
    {
        var told = Sample.Pair("Who is Ana?", " a horse");
        var graph = new MemoryGraph([Node("double", "Double 1 ->"), new MemoryNode("(episodes)", told, 2, 1, 3) { Episode = "e1" }], [new MemoryEdge(0, 1, 0.5)]);

        Assert.Equal(graph.Nodes, DreamJournal.Open(_folder["told"], "me", () => graph, Find).Graph.Nodes);
        Assert.DoesNotContain("Ana", File.ReadAllText(_folder["told"]), StringComparison.Ordinal);
        Assert.DoesNotContain("horse", File.ReadAllText(_folder["told"]), StringComparison.Ordinal);
        Assert.Equal(graph.Nodes, DreamJournal.Open(_folder["told"], "me", () => throw new InvalidOperationException("they are remembered"), Find).Graph.Nodes);

        var page = DreamPage.Of("night", graph, new DreamReport([]));
        Assert.Equal(page, DreamPage.Of("night", DreamJournal.Read(_folder["told"]).Graph, new DreamReport([])));
        Assert.Contains("episode e1", page, StringComparison.Ordinal);

        Assert.Contains("in no memory", Assert.Throws<DreamJournalException>(() => DreamJournal.Open(_folder["told"], "me", () => graph, _ => null)).Message, StringComparison.Ordinal);

        Sample? Find(string id) => id == "e1" ? told : null;
    }

    [Fact]
    public void A_journal_from_before_there_were_episodes_is_read()
    {
        File.WriteAllText(_folder["old"], """
            {"format":2,"identity":"me","memories":[{"skill":"double","prompt":"Double 1 ->","answer":" 2","strength":1,"recency":1,"uncertainty":0.5},{"skill":"double","prompt":"Double 2 ->","answer":" 4","strength":1,"recency":1,"uncertainty":0.5}],"edges":[{"from":0,"to":1,"weight":0.25}]}
            {"number":0,"walk":[0,1],"collision":[1,0],"prompt":"Double 21 ->","candidates":[],"answer":null,"agreement":null,"verdicts":{},"outcome":"Unsure","reason":"no candidate came to an end"}

            """);

        var journal = DreamJournal.Read(_folder["old"]);

        Assert.Equal((2, 1), (journal.Graph.Nodes.Count, journal.Dreams.Count));
        Assert.All(journal.Graph.Nodes, node => Assert.Null(node.Episode));
    }

    [Fact]
    public void Files_that_are_of_another_night_damaged_or_no_journal_are_refused()
    {
        Dreamt("night", out _);
        var lines = File.ReadAllLines(_folder["night"]);

        Assert.Contains("another night", Assert.Throws<DreamJournalException>(() => DreamJournal.Open(_folder["night"], "you", Graph)).Message, StringComparison.Ordinal);
        Assert.Contains("line 3", Refused(2, "{}"), StringComparison.Ordinal);
        Assert.Contains("line 4", Refused(3, "no json"), StringComparison.Ordinal);
        Assert.Contains("line 2", Refused(1, lines[2]), StringComparison.Ordinal);
        Assert.Contains("line 1", Refused(0, "{}"), StringComparison.Ordinal);
        Assert.Contains("line 1", Refused(0, lines[0].Replace("\"to\":", "\"to\":9", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("no journal", Refused(0, lines[0].Replace("\"format\":2", "\"format\":1", StringComparison.Ordinal)), StringComparison.Ordinal);

        string Refused(int line, string damaged)
        {
            File.WriteAllLines(_folder["damaged"], lines.Select((text, index) => index == line ? damaged : text));
            return Assert.Throws<DreamJournalException>(() => DreamJournal.Read(_folder["damaged"])).Message;
        }
    }

    [Fact]
    public void A_page_shows_the_night_and_escapes_every_text()
    {
        const string Evil = "<script>alert('&\")</script>";
        var graph = new MemoryGraph([Node(Evil, Evil + "1"), Node(Evil, Evil + "2")], [new MemoryEdge(0, 1, 0.5)]);
        var dream = new Dream
        {
            Number = 0,
            Walk = [0, 1],
            Collision = [1, 0],
            Prompt = Evil,
            Candidates = [new(Evil, -2.25), new(null)],
            Answer = Evil,
            Verdicts = new Dictionary<string, DreamVerdict> { [Evil] = new(0.25, Evil) },
            Outcome = DreamOutcome.Rejected,
            Reason = Evil,
        };

        var page = DreamPage.Of(Evil, graph, new DreamReport([dream, dream with { Number = 1, Prompt = null, Outcome = DreamOutcome.Nothing }]));

        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("alert('", page, StringComparison.Ordinal);
        Assert.Equal(2, page.Split("<circle").Length - 1);
        Assert.Equal(2, page.Split("<line").Length - 1);
        Assert.All(["Rejected", "-2.25 nats", "0.250", "chosen", "did not come to an end", "default-src 'none'"], text => Assert.Contains(text, page, StringComparison.Ordinal));
        var root = System.Xml.Linq.XElement.Parse(page[page.IndexOf("<svg", StringComparison.Ordinal)..(page.IndexOf("</svg>", StringComparison.Ordinal) + 6)]);
        Assert.Contains(root.Descendants("title"), title => title.Value.StartsWith($"{Evil}: {Evil}1", StringComparison.Ordinal));
    }

    private DreamReport Dreamt(string name, out int asked)
    {
        var prompts = 0;
        var journal = DreamJournal.Open(_folder[name], "me", Graph);
        var night = new Night(Answers, [new RuleCritic("rule", (prompt, _) => prompt.Length % 3 > 0)], new DreamOptions { Count = Count, NearDuplicate = 1 });
        var report = night.Dream(journal.Graph, journal.Graph.Nodes.Select(node => node.Sample.Prompt), ["Double 99 ->"], journal, cancellation: TestContext.Current.CancellationToken);
        asked = prompts;
        return report;

        // As with a model, the answers depend on all that is asked at once.
        IReadOnlyList<IReadOnlyList<DreamCandidate>> Answers(IReadOnlyList<Sample> asking, int candidates, int seed, CancellationToken cancellation)
        {
            prompts += asking.Count;
            return [.. asking.Select((_, at) => (IReadOnlyList<DreamCandidate>)[.. Enumerable.Range(0, candidates).Select(index => new DreamCandidate(index == 0 ? null : $"{seed + at}", -1.5))])];
        }
    }

    private static MemoryGraph Graph()
    {
        var nodes = Enumerable.Range(0, 30).Select(index => Node("double", $"Double {(index * 37) + 10} ->", 0.1 + (index / 7.0))).ToList();
        return new MemoryGraph(nodes, [.. nodes.Select((_, index) => (float[])[index % 7, 1, index % 3])]);
    }

    private static MemoryNode Node(string skill, string prompt, double uncertainty = 1) =>
        new(skill, Sample.Pair(prompt, $"answer to {prompt.Length.ToString(CultureInfo.InvariantCulture)}"), 1, 1, uncertainty);
}
