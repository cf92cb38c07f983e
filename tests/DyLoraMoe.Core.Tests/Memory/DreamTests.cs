using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Memory.Dreams;

namespace DyLoraMoe.Core.Tests.Memory;

public class DreamTests
{
    [Fact]
    public void A_walk_follows_edges_and_begins_anew_as_often_as_it_is_to()
    {
        var graph = Ring(12);
        var options = new DreamOptions { Restart = 0.25, Steps = 4000, Seed = 3 };

        var path = new MemoryWalk(graph, options).Take(0);
        var jumps = path.Zip(path.Skip(1)).Count(pair => graph.From(pair.First).All(edge => edge.To != pair.Second));

        // A restart may land on a neighbour or where it is, which looks like a step or a stay.
        Assert.InRange(jumps / 4000.0, 0.05, 0.25);
        Assert.Equal(path, new MemoryWalk(graph, options).Take(0));
        Assert.NotEqual(path, new MemoryWalk(graph, options with { Seed = 4 }).Take(0));
    }

    [Fact]
    public void Without_restarts_every_step_is_along_an_edge()
    {
        var graph = Ring(12);

        var path = new MemoryWalk(graph, new DreamOptions { Restart = 0, Steps = 500 }).Take(0);

        Assert.All(path.Zip(path.Skip(1)), pair => Assert.Contains(graph.From(pair.First), edge => edge.To == pair.Second));
    }

    [Fact]
    public void What_is_uncertain_is_met_more_often_and_no_hub_swallows_the_rest()
    {
        var nodes = Enumerable.Range(0, 20).Select(index => Node("a", $"Say {index} ->", uncertainty: index < 10 ? 2 : 0.5)).ToList();

        // One memory that is like all others, which are like nothing else.
        var star = new MemoryGraph(nodes, [.. Enumerable.Range(0, 20).Select(index => index == 0 ? Enumerable.Repeat(1f, 20).ToArray() : Basis(index))]);
        var walks = new MemoryWalk(star, new DreamOptions { Steps = 5 });
        for (var number = 0; number < 200; number++)
        {
            walks.Take(number);
        }

        Assert.True(walks.Met[0] < 0.2 * walks.Met.Sum(), $"{walks.Met[0]} of {walks.Met.Sum()}");
        Assert.True(walks.Met.Skip(1).Take(9).Average() > walks.Met.Skip(10).Average());
        Assert.All(walks.Met, met => Assert.True(met > 0));
    }

    [Theory]
    [InlineData("Roman: 14 ->", "Roman: 27 ->", "Roman: ", " ->")]
    [InlineData("Sort: b a", "Sort: c d e", "Sort: ", "")]
    [InlineData("x", "y", "", "")]
    [InlineData("Reverse abc", "Reverse abd", "Reverse ", "")]
    public void A_frame_ends_between_words(string one, string other, string before, string after) =>
        Assert.Equal(new TextFrame(before, after), TextFrame.Of([one, other]));

    [Fact]
    public void An_empty_prompt_has_no_wording_and_is_in_none()
    {
        var frame = TextFrame.Of(["Sort: b a", "", "Sort: c d e"]);

        Assert.Equal(new TextFrame("Sort: ", ""), frame);
        Assert.Null(frame.About(""));
        Assert.Equal(new TextFrame("", ""), TextFrame.Of([""]));
    }

    [Fact]
    public void Memories_of_one_wording_cross_and_of_two_take_each_others_matter()
    {
        var frames = new Dictionary<string, TextFrame> { ["sort"] = new("Sort: ", " ->"), ["echo"] = new("Echo: ", ".") };
        var (one, other, third) = (Node("sort", "Sort: b a c ->"), Node("sort", "Sort: x y z ->"), Node("echo", "Echo: m n."));
        for (var seed = 0UL; seed < 50; seed++)
        {
            var crossed = DreamCollision.Of([one, other], frames, new SeededRandom(seed));
            Assert.True(crossed is null || (crossed.StartsWith("Sort: b", StringComparison.Ordinal) && crossed.EndsWith("z ->", StringComparison.Ordinal)), crossed);
        }

        Assert.Equal("Sort: m n ->", DreamCollision.Of([one, third], frames, new SeededRandom(1)));
        Assert.Null(DreamCollision.Of([one, Node("sort", "Another wording")], frames, new SeededRandom(1)));
    }

    [Fact]
    public void A_crossing_of_two_is_cut_where_it_always_was()
    {
        var frames = new Dictionary<string, TextFrame> { ["sort"] = new("Sort: ", "") };
        string[] mine = ["b", " a", " c", " d"], theirs = ["x", " y", " z"];
        for (var seed = 0UL; seed < 50; seed++)
        {
            var random = new SeededRandom(seed);
            var (from, to) = (random.Next(4) + 1, random.Next(3));

            Assert.Equal("Sort: " + string.Concat([.. mine[..from], .. theirs[to..]]), DreamCollision.Of([Node("sort", "Sort: b a c d"), Node("sort", "Sort: x y z")], frames, new SeededRandom(seed)));
        }
    }

    [Fact]
    public void Three_memories_each_give_the_prompt_a_part()
    {
        var frames = new Dictionary<string, TextFrame> { ["sort"] = new("Sort: ", " ->"), ["echo"] = new("Echo: ", ".") };
        var (one, between, last) = (Node("sort", "Sort: b a c ->"), Node("sort", "Sort: k l m ->"), Node("sort", "Sort: x y z ->"));
        var (said, heard) = (Node("echo", "Echo: m n."), Node("echo", "Echo: p q."));
        for (var seed = 0UL; seed < 50; seed++)
        {
            var crossed = DreamCollision.Of([one, between, last], frames, new SeededRandom(seed))!;
            Assert.StartsWith("Sort: b", crossed, StringComparison.Ordinal);
            Assert.Contains(crossed, letter => "klm".Contains(letter, StringComparison.Ordinal));
            Assert.EndsWith("z ->", crossed, StringComparison.Ordinal);

            // In the words of the first, about a crossing of what the others were about.
            var foreign = DreamCollision.Of([one, said, heard], frames, new SeededRandom(seed))!;
            Assert.StartsWith("Sort: m", foreign, StringComparison.Ordinal);
            Assert.EndsWith("q ->", foreign, StringComparison.Ordinal);
        }

        Assert.Null(DreamCollision.Of([one, between, Node("sort", "Another wording")], frames, new SeededRandom(1)));
    }

    [Fact]
    public void As_many_collisions_as_are_asked_for_are_of_three_and_the_same_seed_dreams_the_same_night()
    {
        var nodes = Enumerable.Range(10, 40).Select(index => Node("double", $"Double {index} ->")).ToList();
        var graph = new MemoryGraph(nodes, [.. nodes.Select((_, index) => Basis(index % 7, 7))]);

        Assert.InRange(Night(0.25, 1).Count(collision => collision.Length == 3), 30, 70);
        Assert.All(Night(0, 1), collision => Assert.Equal(2, collision.Length));
        Assert.All(Night(1, 1), collision => Assert.Equal(3, collision.Length));
        Assert.Equal(Night(0.25, 1), Night(0.25, 1));
        Assert.NotEqual(Night(0.25, 1), Night(0.25, 2));

        // Whether there are three changes nothing about the walks and who comes first.
        Assert.Equal(Night(0, 1), Night(1, 1).Select(collision => collision[..2]));

        List<int[]> Night(double triples, long seed)
        {
            var night = new Night((questions, candidates, _, _) => [.. questions.Select(question => (IReadOnlyList<DreamCandidate>)[new(question.Prompt)])], [], new DreamOptions { Count = 200, Triples = triples, Seed = seed });
            return [.. night.Dream(graph, [], [], cancellation: TestContext.Current.CancellationToken).Dreams.Select(dream => dream.Collision.ToArray())];
        }
    }

    [Fact]
    public void A_dream_that_an_episode_asked_before_names_the_episode_and_not_its_question()
    {
        List<MemoryNode> nodes = [.. Enumerable.Range(0, 6).Select(index => Node("double", $"Double {index + 10} ->") with { Episode = $"episode-{index}" })];
        var graph = new MemoryGraph(nodes, [.. nodes.Select((_, index) => Basis(index % 3, 3))]);
        var night = new Night((questions, _, _, _) => [.. questions.Select(question => (IReadOnlyList<DreamCandidate>)[new(question.Prompt)])], [], new DreamOptions { Count = 100, NearDuplicate = 0.3 });

        var report = night.Dream(graph, nodes.Select(node => node.Sample.Prompt), [], cancellation: TestContext.Current.CancellationToken);

        var named = report.Dreams.Where(dream => dream.Reason?.Contains("episode-", StringComparison.Ordinal) is true).ToList();
        Assert.NotEmpty(named);
        Assert.All(named, dream => Assert.Equal((DreamOutcome.Duplicate, null), (dream.Outcome, dream.Prompt)));
        Assert.All(nodes, node => Assert.DoesNotContain(report.Dreams, dream => dream.Prompt == node.Sample.Prompt || dream.Reason?.Contains(node.Sample.Prompt, StringComparison.Ordinal) is true));
    }

    [Fact]
    public void What_is_known_held_out_uncertain_easy_or_wrong_is_not_learnt()
    {
        var nodes = Enumerable.Range(0, 40).Select(index => Node("double", $"Double {index + 10} ->")).ToList();
        var graph = new MemoryGraph(nodes, [.. nodes.Select((_, index) => Basis(index % 7, 7))]);
        var known = nodes.Select(node => node.Sample.Prompt).ToList();
        var critic = new RuleCritic("double", (prompt, answer) => int.TryParse(prompt.Split(' ')[1], out var number) && answer == $"{2 * number}");
        var options = new DreamOptions { Count = 200, NearDuplicate = 1 };

        var report = new Night(Answers, [critic], options).Dream(graph, known, ["Double 99 ->", "Double 1 ->"], cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(200, report.Dreams.Count);
        Assert.All(report.Dreams.Where(dream => dream.IsKept), dream =>
        {
            Assert.DoesNotContain(dream.Prompt, known);
            Assert.Equal(int.Parse(dream.Prompt!.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture) * 2, int.Parse(dream.Answer!, System.Globalization.CultureInfo.InvariantCulture));
            Assert.Equal(0.75, dream.Agreement);
        });
        Assert.Equal(report.Kept, report.Dreams.Where(dream => dream.IsKept).Select(dream => dream.Prompt).Distinct().Count());
        Assert.All(report.Dreams, dream => Assert.Equal(dream.IsKept, dream.Reason is null));
        Assert.All([DreamOutcome.Kept, DreamOutcome.Duplicate, DreamOutcome.Rejected, DreamOutcome.Easy, DreamOutcome.Unsure], outcome => Assert.Contains(outcome, report.Outcomes.Keys));
        Assert.Equal(report.Outcomes, new Night(Answers, [critic], options).Dream(graph, known, ["Double 99 ->", "Double 1 ->"], cancellation: TestContext.Current.CancellationToken).Outcomes);

        // Three of four agree; multiples of 3 are known well, multiples of 5 not at all, and multiples of 7 are doubled wrongly.
        static IReadOnlyList<IReadOnlyList<DreamCandidate>> Answers(IReadOnlyList<Sample> questions, int candidates, int seed, CancellationToken cancellation) =>
        [
            .. questions.Select(question =>
            {
                var number = int.Parse(question.Prompt.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
                var right = $"{(2 * number) + (number % 7 == 0 ? 1 : 0)}";
                return (IReadOnlyList<DreamCandidate>)[.. Enumerable.Range(0, candidates).Select(index => new DreamCandidate(number % 5 == 0 ? $"{index}" : index == 0 && number % 3 != 0 ? null : right))];
            }),
        ];
    }

    [Theory]
    [InlineData("aabb", DreamOutcome.Unsure)]
    [InlineData("baab", DreamOutcome.Unsure)]
    [InlineData("ab", DreamOutcome.Unsure)]
    [InlineData("aab", DreamOutcome.Kept)]
    public void An_answer_that_no_more_candidates_gave_than_another_is_not_learnt(string answers, DreamOutcome outcome)
    {
        var nodes = Enumerable.Range(10, 40).Select(number => Node("double", $"Double {number} ->")).ToList();
        var graph = new MemoryGraph(nodes, [.. nodes.Select((_, index) => Basis(index % 7, 7))]);

        var report = new Night((questions, _, _, _) => [.. questions.Select(_ => (IReadOnlyList<DreamCandidate>)[.. answers.Select(answer => new DreamCandidate($"{answer}"))])], [], new DreamOptions { Count = 20 })
            .Dream(graph, [], [], cancellation: TestContext.Current.CancellationToken);

        Assert.All(report.Dreams.Where(dream => dream.Agreement is not null), dream => Assert.Equal(outcome, dream.Outcome));
        Assert.Contains(outcome, report.Outcomes.Keys);
    }

    [Fact]
    public void A_long_wording_does_not_make_all_prompts_look_the_same()
    {
        var wording = string.Concat(Enumerable.Repeat("Write the number that follows twice, with nothing else: ", 4));
        var nodes = Enumerable.Range(10, 40).Select(number => Node("twice", $"{wording}{number} ->")).ToList();
        var graph = new MemoryGraph(nodes, [.. nodes.Select((_, index) => Basis(index % 7, 7))]);

        var report = new Night((questions, candidates, _, _) => [.. questions.Select(_ => (IReadOnlyList<DreamCandidate>)[new("a"), new("a"), new("a"), new("b")])], [], new DreamOptions { Count = 60 })
            .Dream(graph, nodes.Select(node => node.Sample.Prompt), [$"{wording}99 ->"], cancellation: TestContext.Current.CancellationToken);

        Assert.True(report.Kept > 5, string.Join(", ", report.Outcomes));
        Assert.DoesNotContain(report.Dreams, dream => dream.IsKept && dream.Prompt == $"{wording}99 ->");
    }

    [Theory]
    [InlineData("Roman: 14 ->", "Roman: 14 ->", true)]
    [InlineData("Roman: 14 ->", "Roman: 15 ->", false)]
    [InlineData("a", "b", false)]
    public void Prompts_are_the_same_by_their_trigrams(string known, string asked, bool isKnown)
    {
        var set = new PromptSet(0.95);
        set.Add(known);

        Assert.Equal(isKnown ? known : null, set.Like(asked));
    }

    private static MemoryGraph Ring(int count) =>
        new([.. Enumerable.Range(0, count).Select(index => Node($"s{index}", $"Say {index} ->"))], [.. Enumerable.Range(0, count).Select(index => (float[])[.. Basis(index, count).Zip(Basis((index + 1) % count, count), (one, next) => one + next)])]);

    private static float[] Basis(int index, int length = 20) => [.. Enumerable.Range(0, length).Select(at => at == index ? 1f : 0f)];

    private static MemoryNode Node(string skill, string prompt, double uncertainty = 1) => new(skill, Sample.Pair(prompt, "answer"), 1, 1, uncertainty);
}
