using DyLoraMoe.Router.Engine;

namespace DyLoraMoe.Router.Tests.Engine;

public sealed class ReadingTurnsTests
{
    private readonly ReadingTurns _turns = new();

    [Fact]
    public void A_short_prompt_waits_for_one_chunk_of_a_long_one_at_most()
    {
        for (var before = 0; before < 4; before++)
        {
            var turns = new ReadingTurns();
            Prompt large = new("a", 10_000), small = new("b", 3);
            List<Prompt> prompts = [large];
            for (var chunk = 0; chunk < before; chunk++)
            {
                turns.Next(prompts);
            }

            prompts.Add(small);

            Assert.Contains(small, (Prompt[])[turns.Next(prompts), turns.Next(prompts)]);
        }
    }

    [Fact]
    public void The_oldest_gets_a_quarter_of_the_chunks_however_many_short_ones_come()
    {
        Prompt oldest = new("a", 10_000);

        var read = Enumerable.Range(0, 100).Select(chunk => _turns.Next([oldest, new Prompt("b", 3), new Prompt($"c{chunk}", 3)])).ToList();

        Assert.InRange(read.Count(prompt => prompt == oldest), 25, 50);
    }

    [Fact]
    public void A_client_with_many_short_prompts_leaves_every_other_client_a_share()
    {
        Prompt oldest = new("a", 10_000), middle = new("b", 1_000);

        var read = Enumerable.Range(0, 100).Select(_ => _turns.Next([oldest, middle, new Prompt("c", 3), new Prompt("c", 2)])).ToList();

        Assert.InRange(read.Count(prompt => prompt == middle), 8, 25);
        Assert.DoesNotContain(read, prompt => prompt.TokensLeft == 3);
    }

    private sealed record Prompt(string Client, int TokensLeft) : IReading;
}
