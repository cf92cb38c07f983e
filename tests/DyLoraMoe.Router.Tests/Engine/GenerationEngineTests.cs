using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Generation;
using DyLoraMoe.Router.Engine;
using DyLoraMoe.Router.Sets;

namespace DyLoraMoe.Router.Tests.Engine;

public sealed class GenerationEngineTests(SampleSet sample)
{
    private const int Tokens = 14;

    [Fact]
    public async Task A_mixed_batch_of_16_over_8_experts_gives_each_the_tokens_that_it_gets_alone()
    {
        using var set = sample.Load();
        using var engine = Engines.Over(set, new EngineOptions { PrefixBytes = 0, MaxBatch = 16, PrefillChunk = 8 });
        var requests = Enumerable.Range(0, 16)
            .Select(index => Engines.Ask(set, SampleSet.Prompt(SampleSet.Skills[index % 5], (ulong)index), ExpertChoice.Of(SampleSet.Skills[index % 8]), Tokens + index))
            .ToArray();

        var together = await Engines.RunAsync(engine, requests);

        for (var index = 0; index < requests.Length; index++)
        {
            var alone = await Engines.RunAsync(engine, requests[index]);
            Assert.Equal(alone[0].Text, together[index].Text);
            Assert.Equal(Reference(set, requests[index], [.. set.Experts.Select(expert => expert.Member.Name == requests[index].Choice.Expert ? 1f : 0f)]), together[index].Text);
        }

        Assert.True(together.Select(answer => answer.Text).Distinct().Count() >= 14, "The experts hardly change the answers, so the test would show nothing.");
    }

    [Fact]
    public async Task A_routed_prompt_is_answered_with_the_routers_weights_in_both_modes_at_once()
    {
        using var set = sample.Load();
        using var engine = Engines.Over(set);
        var requests = SampleSet.Skills.Select(skill => Engines.Ask(set, SampleSet.Prompt(skill))).ToArray();

        var answers = await Engines.RunAsync(engine, requests);

        for (var index = 0; index < requests.Length; index++)
        {
            var decision = answers[index].Decision!;
            Assert.Equal("blended", decision.Mode);
            Assert.True(decision.Active.Count() > 1);
            Assert.Equal(SampleSet.Skills[index], decision.Leading);
            Assert.Equal(Reference(set, requests[index], [.. decision.Experts.Select(expert => (float)expert.Weight)]), answers[index].Text);
        }
    }

    [Fact]
    public async Task A_mature_set_is_served_sparse_with_one_expert_per_prompt()
    {
        using var set = sample.Load(document => document with { Experts = [.. document.Experts.Select(member => member with { Maturity = 1 })] });
        using var engine = Engines.Over(set);

        var answer = (await Engines.RunAsync(engine, Engines.Ask(set, SampleSet.Prompt("roman"))))[0];

        Assert.Equal("sparse", answer.Decision!.Mode);
        Assert.Equal([("roman", 1.0)], answer.Decision.Active.Select(expert => (expert.Name, expert.Weight)));
    }

    [Fact]
    public async Task The_bare_backbone_answers_as_if_there_were_no_experts()
    {
        using var set = sample.Load();
        using var engine = Engines.Over(set);
        var request = Engines.Ask(set, SampleSet.Prompt("sort"), ExpertChoice.Backbone);

        var answer = (await Engines.RunAsync(engine, request))[0];

        Assert.Equal(Reference(set, request, new float[8]), answer.Text);
    }

    [Fact]
    public async Task An_expert_takes_part_and_is_named_only_where_the_prompt_has_its_invocation_sequence()
    {
        using var set = sample.Load();
        using var engine = Engines.Over(set);
        var expert = set.Experts.Single(expert => expert.Config.InvocationTokens is not null);
        var bare = Engines.Ask(set, "Anna", ExpertChoice.Backbone);
        var silent = bare with { Choice = ExpertChoice.Of(expert.Member.Name) };
        var invoked = silent with { Prompt = [.. silent.Prompt, .. expert.Config.InvocationTokens!] };

        var answers = await Engines.RunAsync(engine, bare, silent, invoked, bare with { Choice = ExpertChoice.Routed });

        Assert.Equal(("forced", null, 1.0), (answers[1].Decision!.Mode, answers[1].Decision!.Leading, answers[1].Decision!.BackboneWeight));
        Assert.Empty(answers[1].Decision!.Active);
        Assert.Equal(answers[0].Text, answers[1].Text);
        Assert.Equal([(expert.Member.Name, 1.0)], answers[2].Decision!.Active.Select(share => (share.Name, share.Weight)));
        Assert.DoesNotContain(answers[3].Decision!.Active, share => share.Name == expert.Member.Name);
        Assert.NotEmpty(answers[3].Decision!.Active);
    }

    [Fact]
    public async Task A_row_whose_scores_are_not_finite_fails_alone_and_names_its_experts()
    {
        using var set = sample.Load(document => document with { Experts = [.. document.Experts.Select(member => member.Name == "binary" ? member with { Digest = sample.Overflowing(member.Digest) } : member)] });
        using var seen = new Engines.Gate();
        seen.Open();
        using var engine = Engines.Over(set, observer: seen);
        var sound = Engines.Ask(set, SampleSet.Prompt("sort"), ExpertChoice.Of("sort"), change: settings => settings with { Temperature = 1, TopP = 0.9, Seed = 5 });
        var broken = Engines.Ask(set, SampleSet.Prompt("sort"), ExpertChoice.Of("binary"), change: settings => sound.Settings);
        var alone = (await Engines.RunAsync(engine, sound))[0].Text;
        using var generation = engine.Submit([sound, broken, broken with { Settings = new SamplingSettings { Temperature = 0 } }], "test");

        var (text, failed) = ("", new List<SequenceFailed>());
        await foreach (var happened in generation.Events(TestContext.Current.CancellationToken))
        {
            text += happened switch
            {
                SequenceToken token => token.Text,
                SequenceFinished finished => finished.Text,
                _ => "",
            };
            failed.AddRange(happened is SequenceFailed failure ? [failure] : []);
        }

        Assert.Equal(alone, text);
        Assert.Equal(2 * sound.Settings.MaxTokens, seen.Tokens.Count);
        Assert.All(seen.Tokens, row => Assert.Equal(0, row));
        Assert.Equal([1, 2], failed.Select(failure => failure.Index).Order());
        Assert.All(failed, failure => Assert.Contains("the experts binary", Assert.IsType<ScoresNotFiniteException>(failure.Error).Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_row_without_finite_scores_leaves_behind_hurts_nobody_who_has_its_place_next()
    {
        using var set = sample.Load(document => document with { Experts = [.. document.Experts.Select(member => member.Name == "caesar" ? member with { Digest = sample.Overflowing(member.Digest) } : member)] });
        var text = string.Concat(Enumerable.Repeat(SampleSet.Prompt("sort") + "\n", 3));
        var broken = Engines.Ask(set, text, ExpertChoice.Of("caesar"), tokens: 20);
        var longer = Engines.Ask(set, text + text, ExpertChoice.Of("sort"), tokens: 60);
        var shorter = Enumerable.Range(0, 80).Select(index => Engines.Ask(set, SampleSet.Prompt("date", (ulong)index), ExpertChoice.Of("date"), tokens: 24 + (index % 5))).ToArray();

        // The first row fails alone, the second beside the long one: then short ones have its place, and more rows run than are computed one by one.
        using var engine = Engines.Over(set, new EngineOptions { MaxBatch = 40, PrefixBytes = 0 });
        using var failing = engine.Submit([broken, broken, broken], "first");
        var answers = await Engines.RunAsync(engine, [longer, .. shorter]);

        Assert.All(answers, answer => Assert.Equal(SequenceEnd.Length, answer.End));
    }

    [Fact]
    public async Task A_known_beginning_is_not_read_again_and_changes_no_answer()
    {
        using var set = sample.Load();
        var beginning = string.Concat(Enumerable.Range(0, 5).Select(index => SampleSet.Prompt("sort", (ulong)index) + " a b\n"));
        var requests = new[] { "caesar", "date", "reverse" }.Select(skill => Engines.Ask(set, beginning + SampleSet.Prompt(skill), tokens: 8)).ToArray();
        using var fresh = Engines.Over(set, new EngineOptions { PrefixBytes = 0, PrefillChunk = 4096 });
        var expected = await Engines.RunAsync(fresh, requests);
        using var engine = Engines.Over(set, new EngineOptions { PrefillChunk = 16 });

        List<Engines.Answer> answers = [];
        foreach (var request in requests.Append(requests[0]))
        {
            answers.Add((await Engines.RunAsync(engine, request))[0]);
        }

        Assert.Equal(expected.Select(answer => answer.Text), answers.Take(3).Select(answer => answer.Text));
        Assert.Equal(expected.Select(answer => answer.Decision!.Leading), answers.Take(3).Select(answer => answer.Decision!.Leading));
        Assert.Equal(0, answers[0].Cached);
        Assert.All(answers.Skip(1), answer => Assert.True(answer.Cached >= 48, $"Only {answer.Cached} tokens were known."));
        Assert.Equal(requests[0].Prompt.Length, answers[3].Cached);
        Assert.Equal(answers[0].Text, answers[3].Text);
    }

    [Fact]
    public async Task A_seed_gives_the_same_answer_whatever_else_is_in_the_batch()
    {
        using var set = sample.Load();
        using var engine = Engines.Over(set);
        var request = Engines.Ask(set, SampleSet.Prompt("date"), tokens: 20, change: settings => settings with { Temperature = 1, TopP = 0.9, Seed = 5 });
        var others = Enumerable.Range(0, 6).Select(index => Engines.Ask(set, SampleSet.Prompt("clock", (ulong)index), tokens: 9, change: settings => settings with { Temperature = 1, Seed = index })).ToArray();

        var alone = (await Engines.RunAsync(engine, request))[0].Text;
        var among = (await Engines.RunAsync(engine, [request, .. others]))[0].Text;
        var choices = await Engines.RunAsync(engine, request, request with { Answer = 1 }, request with { Settings = request.Settings with { Seed = 6 } });

        Assert.Equal(alone, among);
        Assert.Equal(alone, choices[0].Text);
        Assert.NotEqual(choices[0].Text, choices[1].Text);
        Assert.NotEqual(choices[0].Text, choices[2].Text);
    }

    [Fact]
    public async Task Rows_that_come_and_go_for_longer_than_the_store_has_columns_change_no_answer()
    {
        using var set = sample.Load();
        using var engine = Engines.Over(set, new EngineOptions { MaxContext = 48, MaxBatch = 3, PrefixBytes = 0 });
        var requests = Enumerable.Range(0, 24)
            .Select(index => Engines.Ask(set, SampleSet.Prompt(SampleSet.Skills[index % 8], (ulong)index), ExpertChoice.Of(SampleSet.Skills[(index * 3) % 8]), 5 + ((index * 7) % 20)))
            .Where(request => request.Prompt.Length + request.Settings.MaxTokens <= 48)
            .ToArray();

        var answers = await Engines.RunAsync(engine, requests);

        for (var index = 0; index < requests.Length; index++)
        {
            Assert.Equal(Reference(set, requests[index], [.. set.Experts.Select(expert => expert.Member.Name == requests[index].Choice.Expert ? 1f : 0f)]), answers[index].Text);
        }
    }

    [Fact]
    public async Task Letting_go_of_requests_frees_their_slots_and_all_memory()
    {
        using var set = sample.Load();
        using var engine = Engines.Over(set, new EngineOptions { MaxBatch = 2, PrefixBytes = 0 });
        var endless = Engines.Ask(set, SampleSet.Prompt("date"), tokens: 200);
        var generation = engine.Submit([endless, endless, endless], "first");
        await Engines.UntilAsync(() => engine.Status is { Running: 2, Waiting: 1, CacheBytes: > 0 });

        generation.Dispose();
        var next = (await Engines.RunAsync(engine, endless with { Settings = endless.Settings with { MaxTokens = 3 } }))[0];
        await Engines.UntilAsync(() => engine.Status is { Running: 0, Waiting: 0, CacheTokens: 0, CacheBytes: 0, PrefixBytes: 0 });

        Assert.Equal(SequenceEnd.Length, next.End);
    }

    [Fact]
    public async Task Two_hundred_requests_leave_no_tensor_behind()
    {
        using var set = sample.Load();
        using var engine = Engines.Over(set, new EngineOptions { PrefixBytes = 100_000 });
        var requests = Enumerable.Range(0, 50).Select(index => Engines.Ask(set, SampleSet.Prompt(SampleSet.Skills[index % 8], (ulong)index), tokens: 3)).ToArray();
        await Engines.RunAsync(engine, requests);
        await Engines.UntilAsync(() => engine.Status.Running == 0);
        var before = TorchSharp.torch.Tensor.TotalCount;

        for (var round = 0; round < 3; round++)
        {
            await Engines.RunAsync(engine, requests);
        }

        await Engines.UntilAsync(() => engine.Status is { Running: 0, CacheBytes: 0 });
        Assert.InRange(TorchSharp.torch.Tensor.TotalCount, 0, before + 20);
        Assert.InRange(engine.Status.PrefixBytes, 1, 100_000);
    }

    [Fact]
    public async Task More_than_the_queue_holds_is_refused_whole()
    {
        using var set = sample.Load();
        using var engine = Engines.Over(set, new EngineOptions { MaxBatch = 1, MaxQueue = 2 });
        var endless = Engines.Ask(set, SampleSet.Prompt("date"), tokens: 200);
        using var running = engine.Submit([endless], "first");
        await Engines.UntilAsync(() => engine.Status.Running == 1);

        using var waiting = engine.Submit([endless], "first");
        Assert.Throws<QueueFullException>(() => engine.Submit([endless, endless], "second"));
        using var last = engine.Submit([endless], "second");
    }

    [Fact]
    public async Task An_engine_that_ends_fails_what_it_has_and_takes_nothing_more()
    {
        using var set = sample.Load();
        var engine = Engines.Over(set, new EngineOptions { MaxBatch = 1 });
        var endless = Engines.Ask(set, SampleSet.Prompt("date"), tokens: 200);
        using var generation = engine.Submit([endless, endless], "first");
        await Engines.UntilAsync(() => engine.Status.Running == 1);

        engine.Dispose();

        List<SequenceEvent> events = [];
        await foreach (var happened in generation.Events(CancellationToken.None))
        {
            events.Add(happened);
        }

        Assert.Equal(2, events.OfType<SequenceFailed>().Count());
        Assert.Throws<EngineStoppedException>(() => engine.Submit([endless], "first"));
    }

    [Fact]
    public async Task A_small_budget_of_memory_means_fewer_rows_at_once()
    {
        using var set = sample.Load();
        var row = RunningCache.ColumnsFor(256) * PromptCache.BytesPerToken(set.Model.Config, set.Model.DataType);
        using var engine = Engines.Over(set, new EngineOptions { CacheBytes = (3 * row) + 10 });

        Assert.Equal(3, engine.MaxBatch);
        Assert.Equal(6, (await Engines.RunAsync(engine, [.. Enumerable.Repeat(Engines.Ask(set, "Anna"), 6)])).Count(answer => answer.End == SequenceEnd.Length));
        Assert.InRange(engine.Status.CacheBytes, 0, 3 * row);
    }

    [Fact]
    public async Task The_largest_batch_takes_no_more_memory_than_its_rows()
    {
        using var set = sample.Load();
        var row = RunningCache.ColumnsFor(48) * PromptCache.BytesPerToken(set.Model.Config, set.Model.DataType);
        using var engine = Engines.Over(set, new EngineOptions { MaxBatch = 5, MaxContext = 48, CacheBytes = 5 * row });
        using var generation = engine.Submit([.. Enumerable.Repeat(Engines.Ask(set, "Anna", tokens: 40), 5)], "first");

        await Engines.UntilAsync(() => engine.Status.Running == 5);

        Assert.InRange(engine.Status.CacheBytes, 1, 5 * row);
    }

    [Fact]
    public async Task Questions_about_prompts_wait_in_turn_and_hold_up_no_answer()
    {
        using var set = sample.Load();
        using var engine = Engines.Over(set, new EngineOptions { MaxBatch = 1, MaxQueue = 20, PrefillChunk = 8, PrefixBytes = 0 });
        var endless = Engines.Ask(set, SampleSet.Prompt("date"), tokens: 200);
        using var running = engine.Submit([endless], "first");
        await Engines.UntilAsync(() => engine.Status.Running == 1);
        var prompt = Enumerable.Repeat(endless.Prompt, 8).SelectMany(ids => ids).Take(120).ToArray();

        var questions = Enumerable.Range(0, 20).Select(at => engine.Route(prompt, at < 15 ? "second" : "third", CancellationToken.None)).ToList();
        Assert.Throws<QueueFullException>(() => { _ = Enumerable.Range(0, 5).Select(_ => engine.Route(prompt, "fourth", CancellationToken.None)).ToList(); });

        // Each takes fifteen chunks, with a step of the answer between two of them.
        List<SequenceEvent> before = [];
        await foreach (var happened in running.Events(TestContext.Current.CancellationToken))
        {
            before.Add(happened);
            if (questions[0].IsCompleted)
            {
                break;
            }
        }

        Assert.True(before.OfType<SequenceToken>().Count() >= 10, $"{before.Count}");
        var decisions = await Task.WhenAll(questions);
        Assert.All(decisions, decision => Assert.Equal(decisions[0].Active.Select(expert => expert.Name), decision.Active.Select(expert => expert.Name)));
        await Engines.UntilAsync(() => engine.Status is { Reading: 0 });
    }

    [Fact]
    public async Task A_question_that_nobody_waits_for_any_more_makes_room()
    {
        using var set = sample.Load();
        using var engine = Engines.Over(set, new EngineOptions { MaxQueue = 2, PrefillChunk = 8 });
        using var gone = new CancellationTokenSource();
        var prompt = Engines.Ask(set, SampleSet.Prompt("date")).Prompt;

        var question = engine.Route(prompt, "first", gone.Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => question);

        Assert.NotEmpty(await engine.Features(prompt, "first", CancellationToken.None));
    }

    [Fact]
    public async Task Questions_that_are_given_up_at_any_moment_never_get_or_give_another_ones_answer()
    {
        using var set = sample.Load();
        using var engine = Engines.Over(set, new EngineOptions { PrefillChunk = 8, PrefixBytes = 0 });
        var prompts = SampleSet.Skills.Select(skill => Engines.Ask(set, SampleSet.Prompt(skill)).Prompt).ToArray();
        var expected = new List<float[]>();
        foreach (var prompt in prompts)
        {
            expected.Add(await engine.Features(prompt, "first", CancellationToken.None));
        }

        for (var round = 0; round < 30; round++)
        {
            using var gone = new CancellationTokenSource();
            var asked = Enumerable.Range(0, 16).Select(at => engine.Features(prompts[at % prompts.Length], $"{at % 3}", at % 2 == 0 ? gone.Token : CancellationToken.None)).ToList();
            await asked[round % 2 == 0 ? 1 : 3];
            await gone.CancelAsync();
            for (var at = 0; at < asked.Count; at++)
            {
                try
                {
                    Assert.Equal(expected[at % prompts.Length], await asked[at]);
                }
                catch (OperationCanceledException) when (at % 2 == 0)
                {
                }
            }
        }
    }

    [Fact]
    public async Task A_device_that_does_not_work_after_a_failed_pass_is_a_fault_of_the_process()
    {
        using var set = sample.Load();
        Exception? device = null;
        using var engine = Engines.Over(set, new EngineOptions { ProbeDevice = _ => device });
        await Assert.ThrowsAnyAsync<Exception>(() => engine.Route([int.MaxValue], "first", CancellationToken.None));
        Assert.Null(engine.Fault);

        device = new InvalidOperationException("an illegal memory access was encountered");
        await Assert.ThrowsAnyAsync<Exception>(() => engine.Route([int.MaxValue], "first", CancellationToken.None));
        await Engines.UntilAsync(() => engine.Fault is not null);

        Assert.Same(device, engine.Fault);
    }

    [Fact]
    public void A_device_that_works_says_nothing() => Assert.Null(DeviceProbe.Of(TorchSharp.torch.CPU));

    private static string Reference(LoadedSet set, GenerationRequest request, float[] weights)
    {
        var leases = Enumerable.Range(0, set.Experts.Count).Select(set.Pool.Acquire).ToList();
        using var bank = new AdapterBank([.. leases.Select(lease => lease.Adapter)]);
        var options = new GenerationOptions { MaxTokens = request.Settings.MaxTokens, EosTokenIds = [int.MaxValue] };
        var text = new TextGenerator(set.Model, set.Tokenizer).Generate([(IReadOnlyList<int>)request.Prompt], options, new GenerationAdapters(bank, [weights]))[0].Text;
        leases.ForEach(lease => lease.Dispose());
        return text;
    }
}
