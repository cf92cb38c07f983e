using System.Text.Json;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Memory.Dreams;
using DyLoraMoe.Core.Tokenization.Chat;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Core.Tests.Memory;

/// <summary>Dreams of conversations: their last messages cross, what was said before stays.</summary>
public sealed class ChatDreamTests : IDisposable
{
    private static readonly ChatMessage _rules = new("system", "You double numbers.");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_dream_of_conversations_asks_behind_what_was_said_before_and_is_learnt_as_one()
    {
        var graph = Graph();
        List<Sample> asked = [];
        List<DreamtAnswer> judged = [];
        var night = new Night(Answers, [new Recorder(judged)], new DreamOptions { Count = 120, NearDuplicate = 1 });

        var report = night.Dream(graph, graph.Nodes.Select(node => node.Sample.Question), ["Double 18 5 please"], cancellation: TestContext.Current.CancellationToken);

        Assert.NotEmpty(asked);
        Assert.All(asked, question => Assert.Equal((_rules, "user", ""), (question.Conversation!.Messages[0], question.Conversation.Messages[^1].Role, question.Answer)));
        Assert.Contains(asked, question => question.Conversation!.Messages.Count == 4);
        Assert.DoesNotContain(asked, question => question.Question == "Double 18 5 please" || graph.Nodes.Any(node => node.Sample.Question == question.Question));
        Assert.Contains(report.Dreams, dream => dream is { Outcome: DreamOutcome.Leak, Prompt: "Double 18 5 please" });
        Assert.All(report.Dreams.Where(dream => dream.IsKept), dream =>
        {
            var sample = dream.SampleIn(graph);
            Assert.Equal(graph.Nodes[dream.Collision[0]].Sample.Conversation!.Messages.SkipLast(1).Append(new("user", dream.Prompt!)), sample.Conversation!.Messages);
            Assert.Equal("24", sample.Answer);
        });
        Assert.All(judged, answer => Assert.StartsWith("You double numbers.\n", answer.Prompt, StringComparison.Ordinal));
        Assert.All(judged, answer => Assert.Equal(answer.Sample, JsonSerializer.Deserialize<DreamtAnswer>(JsonSerializer.Serialize(answer))!.Sample, Same));

        IReadOnlyList<IReadOnlyList<DreamCandidate>> Answers(IReadOnlyList<Sample> questions, int candidates, int seed, CancellationToken cancellation)
        {
            asked.AddRange(questions);
            return [.. questions.Select(_ => (IReadOnlyList<DreamCandidate>)[.. Enumerable.Range(0, candidates).Select(index => new DreamCandidate(index == 0 ? null : "24"))])];
        }
    }

    [Fact]
    public void A_night_goes_on_over_the_conversations_it_began_with()
    {
        DreamJournal.Open(_folder["night"], "me", Graph);

        var journal = DreamJournal.Open(_folder["night"], "me", () => throw new InvalidOperationException("they are remembered"));

        Assert.Equal(Graph().Nodes.Select(node => node.Sample), journal.Graph.Nodes.Select(node => node.Sample), Same);
    }

    [Fact]
    public void Who_reads_a_night_without_its_episodes_still_gets_chats_of_what_was_asked_in_one()
    {
        var told = new MemoryNode("(episodes)", Sample.Chat(new Conversation(new ChatMessage("user", "Who is Ana?")), "a horse"), 1, 1, 1) { Episode = "e1" };
        DreamJournal.Open(_folder["told"], "me", () => new MemoryGraph([told, Chat("Double 1 2 please")], [new MemoryEdge(0, 1, 1)]), _ => told.Sample);

        var read = DreamJournal.Read(_folder["told"]).Graph;

        var dream = new Dream { Number = 0, Walk = [1, 0], Collision = [0, 1], Prompt = "Who is 1 2?", Answer = "3", Outcome = DreamOutcome.Kept };
        Assert.Equal([new ChatMessage("user", "Who is 1 2?")], dream.SampleIn(read).Conversation!.Messages);
        Assert.DoesNotContain("Ana", File.ReadAllText(_folder["told"]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pair_and_a_conversation_cross_in_the_form_of_the_one_whose_wording_is_used()
    {
        var chat = Chat("Double 12 please");
        var frames = new Dictionary<string, TextFrame> { ["chat"] = new("Double ", " please"), ["pair"] = new("Halve ", " ->") };
        var pair = new MemoryNode("pair", Sample.Pair("Halve 34 ->", " 17"), 1, 1, 1);

        Assert.StartsWith("Double ", DreamCollision.Of([chat, pair], frames, new SeededRandom(1)), StringComparison.Ordinal);
        Assert.Null(pair.Sample.Asking("Halve 1 ->", "").Conversation);
        Assert.Equal([_rules, new("user", "Double 3 please")], chat.Sample.Asking("Double 3 please", "6").Conversation!.Messages);
    }

    private static bool Same(Sample one, Sample other) => (one.Prompt, one.Answer, one.Conversation).Equals((other.Prompt, other.Answer, other.Conversation));

    private static MemoryGraph Graph()
    {
        var nodes = Enumerable.Range(0, 20)
            .Select(index => Chat($"Double {index} {index + 1} please", index % 4 == 0 ? [new("user", "Hello"), new("assistant", "Good day")] : []))
            .ToList();
        return new MemoryGraph(nodes, [.. nodes.Select((_, index) => (float[])[index % 5, 1, index % 3])]);
    }

    private static MemoryNode Chat(string question, params ChatMessage[] before) =>
        new("chat", Sample.Chat(new Conversation([_rules, .. before, new("user", question)]), "24"), 1, 1, 1);

    private sealed class Recorder(List<DreamtAnswer> judged) : IDreamCritic
    {
        public string Name => "recorder";

        public double Least => 0;

        public IReadOnlyList<DreamVerdict> Judge(IReadOnlyList<DreamtAnswer> dreams, CancellationToken cancellation = default)
        {
            judged.AddRange(dreams);
            return [.. dreams.Select(_ => new DreamVerdict(1))];
        }
    }
}
