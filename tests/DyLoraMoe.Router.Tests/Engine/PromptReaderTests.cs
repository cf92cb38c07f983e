using System.Threading.Channels;
using DyLoraMoe.Router.Engine;
using DyLoraMoe.Router.Sets;
using static TorchSharp.torch;

namespace DyLoraMoe.Router.Tests.Engine;

public sealed class PromptReaderTests(SampleSet sample)
{
    [Fact]
    public async Task A_short_prompt_behind_a_long_one_of_another_client_is_read_first_and_both_are_answered()
    {
        using var set = sample.Load();
        using var gate = new Engines.Gate();
        using var engine = Engines.Over(set, new EngineOptions { PrefillChunk = 8, PrefixBytes = 0 }, gate);
        using var first = gate.Hold(engine, Engines.Ask(set, "Anna", tokens: 1));
        using var large = engine.Submit([Long(set)], "large");
        using var small = engine.Submit([Engines.Ask(set, "Anna", tokens: 2)], "small");
        gate.Open();

        var last = await EndOf(large);

        Assert.Equal(SequenceEnd.Length, last);
        Assert.Equal(["small", "large"], gate.Read);
    }

    [Fact]
    public async Task A_long_prompt_is_read_to_its_end_while_short_ones_come_without_end()
    {
        using var set = sample.Load();
        using var gate = new Engines.Gate();
        using var engine = Engines.Over(set, new EngineOptions { PrefillChunk = 8, PrefixBytes = 0, MaxBatch = 3 }, gate);
        using var first = gate.Hold(engine, Engines.Ask(set, "Anna", tokens: 1));
        using var large = engine.Submit([Long(set)], "large");
        using var small = engine.Submit([.. Enumerable.Repeat(Engines.Ask(set, SampleSet.Prompt("date"), tokens: 1), 150)], "small");
        gate.Open();

        await EndOf(large);

        Assert.Contains("large", gate.Read.Take(149));
    }

    [Fact]
    public async Task Of_two_clients_with_the_same_prompt_the_second_goes_on_from_what_the_first_reads()
    {
        using var set = sample.Load();
        using var gate = new Engines.Gate();
        using var engine = Engines.Over(set, new EngineOptions { PrefillChunk = 8 }, gate);
        using var first = gate.Hold(engine, Engines.Ask(set, "Anna", tokens: 1));
        var asked = Long(set);
        using var one = engine.Submit([asked], "one");
        using var two = engine.Submit([asked with { Prompt = [.. asked.Prompt, .. set.Tokenizer.Encode("Anna")] }], "two");
        using var small = engine.Submit([Engines.Ask(set, "Bert", tokens: 1)], "small");
        gate.Open();

        var cached = await CachedOf(two);

        Assert.Equal(asked.Prompt.Length, cached);
        Assert.Equal(["small", "one", "two"], gate.Read);
    }

    [Fact]
    public async Task Prompts_that_nobody_waits_for_any_more_leave_their_slots_and_all_memory()
    {
        using var set = sample.Load();
        using var gate = new Engines.Gate();
        using (var earlier = Engines.Over(set))
        {
            // Their experts are in memory from here on.
            await Engines.RunAsync(earlier, Long(set), Engines.Ask(set, "Anna"));
        }

        var before = Tensor.TotalCount;
        var engine = Engines.Over(set, new EngineOptions { PrefillChunk = 8, PrefixBytes = 0, MaxBatch = 3 }, gate);
        using var first = gate.Hold(engine, Engines.Ask(set, "Anna", tokens: 1));
        var given = engine.Submit([Long(set), Long(set)], "large");
        using var small = engine.Submit([Engines.Ask(set, "Anna", tokens: 2)], "small");
        gate.Open();
        await EndOf(first);
        await EndOf(small);

        given.Dispose();

        await Engines.UntilAsync(() => engine.Status is { Reading: 0, Waiting: 0, Running: 0, CacheBytes: 0 });
        await Engines.RunAsync(engine, Enumerable.Repeat(Engines.Ask(set, "Anna", tokens: 2), 3).ToList());
        engine.Dispose();
        Assert.InRange(Tensor.TotalCount, 0, before);
    }

    [Fact]
    public async Task What_was_remembered_before_a_deletion_is_not_kept_after_it()
    {
        using var set = sample.Load();
        using var engine = Engines.Over(set);
        var asked = Engines.Ask(set, SampleSet.Prompt("date"), tokens: 1);
        var features = await engine.Features(asked.Prompt, "test", CancellationToken.None);
        await engine.ForgetPrompts(CancellationToken.None);

        await Engines.RunAsync(engine, asked with { Bare = new BarePrompt(asked.Prompt, features, Forgettings: 0) });
        Assert.Equal(0, engine.Status.PrefixBytes);

        await Engines.RunAsync(engine, asked with { Bare = new BarePrompt(asked.Prompt, features, engine.Forgettings) });
        await Engines.UntilAsync(() => engine.Status.PrefixBytes > 0);
    }

    [Fact]
    public void A_short_question_behind_a_long_one_is_answered_after_three_chunks_at_most()
    {
        using var _ = inference_mode();
        using var set = sample.Load();
        var options = new EngineOptions { PrefillChunk = 8, PrefixBytes = 0 };
        using var prefixes = new PrefixCache(0);
        using var banks = new BankShelf(set.Pool, options.ExpertBytes);
        using var gate = new Engines.Gate();
        using var questions = new PromptQuestions(new EngineParts(set, options, prefixes, banks, new ExpertRouting(set), gate, TimeProvider.System), 4, _ => true);
        var large = questions.Ask(Long(set).Prompt, "large", _ => 1, CancellationToken.None);
        Assert.Null(questions.Advance());
        var small = questions.Ask(Engines.Ask(set, "Anna").Prompt, "small", _ => 2, CancellationToken.None);

        for (var chunk = 0; chunk < 3; chunk++)
        {
            Assert.Null(questions.Advance());
        }

        Assert.Equal((true, false, 1), (small.IsCompleted, large.IsCompleted, questions.Reading));
        for (var chunk = 0; chunk < 40; chunk++)
        {
            Assert.Null(questions.Advance());
        }

        Assert.True(large.IsCompletedSuccessfully && questions.IsEmpty);
    }

    [Fact]
    public void Choices_of_one_prompt_read_it_once_and_those_without_a_slot_find_it_read()
    {
        using var _ = inference_mode();
        using var set = sample.Load();
        var options = new EngineOptions { PrefillChunk = 8, PrefixBytes = 0 };
        using var prefixes = new PrefixCache(0);
        using var banks = new BankShelf(set.Pool, options.ExpertBytes);
        using var running = new RunningBatch(set, banks, mostRows: 2, mostTokens: 256);
        using var gate = new Engines.Gate();
        gate.Open();
        var parts = new EngineParts(set, options, prefixes, banks, new ExpertRouting(set), gate, TimeProvider.System);
        using var reader = new PromptReader(parts, running, slots: 2, _ => true, (_, error) => throw error, () => { });
        var choices = Choices(set, Long(set) with { Choice = ExpertChoice.Backbone }, 5);
        reader.Queue.Add(choices);

        for (var chunk = 0; chunk < 25; chunk++)
        {
            Assert.Empty(running.Rows);
            reader.Read();
        }

        Assert.Equal(choices[..2], running.Rows);
        running.RemoveWhere(_ => true);
        reader.Read();
        Assert.Equal(choices[2..4], running.Rows);
        Assert.Equal(200, reader.Tokens);

        choices[4].Cancel();
        reader.RemoveCancelled();
        Assert.Equal((0L, 0), (reader.Tokens, reader.Queue.Count));
    }

    [Theory]
    [InlineData("binary")]
    [InlineData("caesar")]
    public async Task Choices_that_share_a_reading_are_answered_as_each_alone(string expert)
    {
        using var set = sample.Load();
        using var engine = Engines.Over(set, new EngineOptions { PrefixBytes = 0, PrefillChunk = 16, MaxBatch = 3 });
        var asked = Engines.Ask(set, SampleSet.Prompt("date"), ExpertChoice.Of(expert), change: settings => settings with { Temperature = 1, Seed = 4 });
        var choices = Enumerable.Range(0, 5).Select(answer => asked with { Answer = answer }).ToArray();

        var together = await Engines.RunAsync(engine, choices);

        Assert.Equal([0, .. Enumerable.Repeat(asked.Prompt.Length, 4)], together.Select(answer => answer.Cached));
        Assert.True(together.Select(answer => answer.Text).Distinct().Count() > 2);
        foreach (var (choice, answer) in choices.Zip(together))
        {
            Assert.Equal((await Engines.RunAsync(engine, choice))[0].Text, answer.Text);
        }
    }

    private static Sequence[] Choices(LoadedSet set, GenerationRequest request, int count)
    {
        var siblings = Siblings.Among([.. Enumerable.Repeat(request, count)]);
        return [.. siblings.Select((those, index) => new Sequence(index, request, "test", set.Tokenizer.CreateDecoder(), Channel.CreateUnbounded<SequenceEvent>().Writer, 0) { Siblings = those })];
    }

    // 200 tokens: 25 chunks of 8.
    private static GenerationRequest Long(LoadedSet set)
    {
        var request = Engines.Ask(set, SampleSet.Prompt("date"), tokens: 2);
        return request with { Prompt = [.. Enumerable.Repeat(request.Prompt, 40).SelectMany(ids => ids).Take(200)] };
    }

    private static async Task<int> CachedOf(Generation generation)
    {
        var cached = 0;
        await foreach (var happened in generation.Events(TestContext.Current.CancellationToken))
        {
            cached = (happened as SequenceRouted)?.CachedTokens ?? cached;
        }

        return cached;
    }

    private static async Task<SequenceEnd?> EndOf(Generation generation)
    {
        SequenceEnd? end = null;
        await foreach (var happened in generation.Events(TestContext.Current.CancellationToken))
        {
            end = (happened as SequenceFinished)?.Reason;
        }

        return end;
    }
}
