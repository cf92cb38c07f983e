using System.Collections.Concurrent;
using System.Threading.Channels;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Router.Engine;
using DyLoraMoe.Router.Sets;
using DyLoraMoe.Router.Tests.Engine;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Router.Tests.Sets;

public sealed class ExpertPoolTests(SampleSet sample) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Experts_beyond_the_budget_are_read_when_they_are_wanted_and_change_no_answer()
    {
        using var whole = sample.Load();
        var budget = whole.Experts.Max(expert => expert.Bytes) * 2;
        var options = new EngineOptions { ExpertBytes = budget, ExpertHostBytes = 0 };
        using var set = sample.Load(engine: options);
        Assert.InRange(set.Pool.Bytes, 1, budget);
        using var roomy = Engines.Over(whole);
        using var tight = Engines.Over(set, options);

        for (var round = 0; round < 2; round++)
        {
            foreach (var skill in SampleSet.Skills)
            {
                var request = Engines.Ask(set, SampleSet.Prompt(skill), ExpertChoice.Of(skill), tokens: 6);
                Assert.Equal((await Engines.RunAsync(roomy, request))[0].Text, (await Engines.RunAsync(tight, request))[0].Text);
                Assert.InRange(set.Pool.Bytes, 1, budget);
            }
        }

        var all = SampleSet.Skills.Select(skill => Engines.Ask(set, SampleSet.Prompt(skill), ExpertChoice.Of(skill), tokens: 6)).ToArray();
        Assert.Equal((await Engines.RunAsync(roomy, all)).Select(answer => answer.Text), (await Engines.RunAsync(tight, all)).Select(answer => answer.Text));
    }

    [Fact]
    public async Task An_expert_that_is_read_slowly_holds_up_those_who_want_it_alone()
    {
        using var whole = sample.Load();
        using var disk = new ManualResetEventSlim();
        using var pool = Slow(whole, "binary", disk);
        var wanted = Engines.Ask(whole, SampleSet.Prompt("binary"), ExpertChoice.Of("binary"), tokens: 6);
        var other = Engines.Ask(whole, SampleSet.Prompt("sort"), ExpertChoice.Of("sort"), tokens: 40);
        string[] expected;
        using (var roomy = Engines.Over(whole))
        {
            expected = [.. (await Engines.RunAsync(roomy, wanted, other)).Select(answer => answer.Text)];
        }

        using var engine = Engines.Over(With(pool, whole), new EngineOptions { MaxBatch = 2 });
        await Engines.RunAsync(engine, other);
        var slow = Engines.RunAsync(engine, wanted);
        await Engines.UntilAsync(() => engine.Status.Reading == 1);
        using (engine.Submit([wanted], "gone"))
        {
            await Engines.UntilAsync(() => engine.Status.Reading == 2);
        }

        var answers = await Engines.RunAsync(engine, other, other);
        Assert.False(slow.IsCompleted);
        Assert.Equal(1, engine.Status.Reading);
        disk.Set();

        Assert.Equal(expected, new[] { (await slow)[0].Text, answers[1].Text });
        await Engines.UntilAsync(() => engine.Status is { Running: 0, Waiting: 0, Reading: 0 });
    }

    [Fact]
    public async Task Experts_of_a_request_that_was_given_up_are_not_read_when_their_turn_comes()
    {
        using var whole = sample.Load();
        using var disk = new ManualResetEventSlim();
        var read = new ConcurrentQueue<string>();
        using var pool = new ExpertPool(whole.Experts, new AdapterPool(whole.Model, new AdapterPoolOptions()), expert =>
        {
            read.Enqueue(expert.Member.Name);
            disk.Wait(TimeSpan.FromSeconds(30));
            return null;
        });
        using var engine = Engines.Over(With(pool, whole), new EngineOptions { MaxBatch = 4 });
        var slow = Engines.RunAsync(engine, Engines.Ask(whole, SampleSet.Prompt("binary"), ExpertChoice.Of("binary")));
        await Engines.UntilAsync(() => engine.Status.Reading == 1 && read.Contains("binary"));
        using (engine.Submit([Engines.Ask(whole, SampleSet.Prompt("sort"), ExpertChoice.Of("sort"))], "gone"))
        {
            await Engines.UntilAsync(() => engine.Status.Reading == 2);
        }

        await Engines.UntilAsync(() => engine.Status.Reading == 1);
        disk.Set();
        await slow;
        await pool.AcquireAsync([]);

        Assert.DoesNotContain("sort", read);
        Assert.NotEmpty((await Engines.RunAsync(engine, Engines.Ask(whole, SampleSet.Prompt("sort"), ExpertChoice.Of("sort"))))[0].Text);
        Assert.Contains("sort", read);
    }

    [Fact]
    public async Task An_engine_whose_slots_all_wait_for_experts_rests_although_others_wait_for_a_slot()
    {
        using var whole = sample.Load();
        using var disk = new ManualResetEventSlim();
        using var pool = Slow(whole, "binary", disk);
        var clock = new CountingClock();
        using var engine = Engines.Over(With(pool, whole), new EngineOptions { MaxBatch = 1 }, time: clock);
        var slow = Engines.RunAsync(engine, Engines.Ask(whole, SampleSet.Prompt("binary"), ExpertChoice.Of("binary")));
        await Engines.UntilAsync(() => engine.Status.Reading == 1);
        var next = Engines.RunAsync(engine, Engines.Ask(whole, SampleSet.Prompt("sort"), ExpertChoice.Of("sort")));
        await Engines.UntilAsync(() => engine.Status.Waiting == 1);

        var turns = clock.Asked;
        await Task.Delay(TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken);
        Assert.InRange(clock.Asked - turns, 0, 20);
        disk.Set();

        Assert.Single(await slow);
        Assert.Single(await next);
    }

    [Fact]
    public async Task An_engine_that_ends_while_an_expert_is_read_fails_those_who_wait_for_it()
    {
        using var whole = sample.Load();
        using var disk = new ManualResetEventSlim();
        using var pool = Slow(whole, "binary", disk);
        var engine = Engines.Over(With(pool, whole));
        var slow = Engines.RunAsync(engine, Engines.Ask(whole, SampleSet.Prompt("binary"), ExpertChoice.Of("binary")));
        await Engines.UntilAsync(() => engine.Status.Reading == 1);

        var ending = Task.Run(engine.Dispose, TestContext.Current.CancellationToken);

        Assert.IsType<EngineStoppedException>((await Assert.ThrowsAsync<InvalidOperationException>(() => slow)).InnerException);
        disk.Set();
        await ending;
    }

    [Fact]
    public async Task An_expert_that_is_lost_while_serving_fails_those_that_need_it_alone_and_makes_the_server_unready_until_it_is_back()
    {
        var store = sample.CopyStore(_folder);
        await using var server = await TestServer.StartAsync(sample, options => options with { Store = store, Engine = new EngineOptions { ExpertBytes = 1 << 16, ExpertHostBytes = 0 } });
        await server.UntilAsync("ready");
        var weights = sample.WeightsIn(store, 0);
        var sound = await File.ReadAllBytesAsync(weights, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(weights, [.. sound[..^1], (byte)(sound[^1] ^ 1)], TestContext.Current.CancellationToken);
        var other = server.StreamAsync("/v1/completions", new { model = "tiny:sort", prompt = "Anna", max_tokens = 150, ignore_eos = true, stream = true });

        using var refused = await server.PostTextAsync("/v1/completions", "{\"model\":\"tiny:binary\",\"prompt\":\"Anna\"}");
        var error = (await TestServer.BodyOf(refused)).GetProperty("error");
        var unready = await server.UntilAsync("unavailable");
        var set = await server.GetAsync("/v1/set");

        Assert.Equal(503, (int)refused.StatusCode);
        Assert.Equal("expert_unavailable", error.GetProperty("code").GetString());
        Assert.Equal("expert binary", unready.GetProperty("part").GetString());
        Assert.False(set.GetProperty("ready").GetBoolean());
        Assert.Equal(unready.GetProperty("reason").GetString(), set.GetProperty("reason").GetString());
        Assert.Equal("length", (await other)[^1].GetProperty("choices")[0].GetProperty("finish_reason").GetString());

        await File.WriteAllBytesAsync(weights, sound, TestContext.Current.CancellationToken);
        await server.UntilAsync("ready");
        Assert.True((await server.GetAsync("/v1/set")).GetProperty("ready").GetBoolean());
        await server.AskAsync("/v1/completions", new { model = "tiny:binary", prompt = "Anna", max_tokens = 2 });
    }

    [Fact]
    public void The_beginning_of_a_long_prompt_has_the_experts_read_that_will_probably_answer_it()
    {
        using var _ = TorchSharp.torch.inference_mode();
        using var whole = sample.Load();
        using var pool = new ExpertPool(whole.Experts, new AdapterPool(whole.Model, new AdapterPoolOptions()));
        var (set, options) = (With(pool, whole), new EngineOptions { PrefillChunk = 8, PrefixBytes = 0 });
        var wanted = set.Experts.Single(expert => expert.Member.Name == "binary");
        using var prefixes = new PrefixCache(0);
        using var banks = new BankShelf(pool, options.ExpertBytes);
        using var running = new RunningBatch(set, banks, mostRows: 2, mostTokens: 256);
        using var gate = new Engines.Gate();
        gate.Open();
        var parts = new EngineParts(set, options, prefixes, banks, new ExpertRouting(set), gate, TimeProvider.System);
        using var reader = new PromptReader(parts, running, slots: 2, _ => true, (_, error) => throw error, () => { });
        var events = Channel.CreateUnbounded<SequenceEvent>();
        var request = Engines.Ask(set, string.Concat(Enumerable.Repeat(SampleSet.Prompt("binary"), 10)), ExpertChoice.Of("binary"));
        reader.Queue.Add([new Sequence(0, request, "test", set.Tokenizer.CreateDecoder(startOfText: false), events.Writer, 0)]);

        reader.Read();

        Assert.True(SpinWait.SpinUntil(() => pool.Holds(wanted), TimeSpan.FromSeconds(20)));
        Assert.Empty(running.Rows);
        Assert.False(reader.IsAwaiting);
    }

    [Fact]
    public void What_is_damaged_is_passed_over_until_somebody_wants_it()
    {
        using var whole = sample.Load();
        var looked = 0;
        using var pool = new ExpertPool(whole.Experts, new AdapterPool(whole.Model, new AdapterPoolOptions()), expert => expert.Member.Name == "sort" && Interlocked.Increment(ref looked) > 0 ? "damaged" : null);
        var (sort, binary) = (Place("sort"), Place("binary"));

        pool.Prefetch([sort]);
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref looked) == 1, TimeSpan.FromSeconds(20)));
        pool.Prefetch([sort, binary]);

        Assert.True(SpinWait.SpinUntil(() => pool.Holds(whole.Experts[binary]), TimeSpan.FromSeconds(20)));
        Assert.False(pool.Holds(whole.Experts[sort]) || pool.HasLost);
        Assert.Equal(1, looked);
        Assert.Equal("sort", Assert.Throws<ExpertLostException>(() => pool.Acquire(sort)).Name);

        int Place(string name) => Enumerable.Range(0, whole.Experts.Count).Single(index => whole.Experts[index].Member.Name == name);
    }

    [Fact]
    public async Task Who_wants_an_expert_waits_for_no_more_than_the_one_that_is_being_read_ahead()
    {
        using var whole = sample.Load();
        using var disk = new ManualResetEventSlim();
        var read = new ConcurrentQueue<string>();
        using var pool = new ExpertPool(whole.Experts, new AdapterPool(whole.Model, new AdapterPoolOptions()), expert =>
        {
            read.Enqueue(expert.Member.Name);
            disk.Wait(TimeSpan.FromSeconds(30));
            return null;
        });
        pool.Prefetch([0]);
        Assert.True(SpinWait.SpinUntil(() => read.Count == 1, TimeSpan.FromSeconds(20)));
        pool.Prefetch([1]);
        pool.Prefetch([2]);

        var wanted = pool.AcquireAsync([3]);
        disk.Set();
        (await wanted).ToList().ForEach(lease => lease.Dispose());

        Assert.Equal(new[] { 0, 3 }.Select(at => whole.Experts[at].Member.Name), read);
    }

    // An engine asks for the time once a turn.
    private sealed class CountingClock : TimeProvider
    {
        private int _asked;

        public int Asked => Volatile.Read(ref _asked);

        public override long GetTimestamp()
        {
            Interlocked.Increment(ref _asked);
            return base.GetTimestamp();
        }
    }

    // Nothing is in memory yet, and one expert stays on its way until the disk lets it go.
    private static ExpertPool Slow(LoadedSet set, string name, ManualResetEventSlim disk) => new(set.Experts, new AdapterPool(set.Model, new AdapterPoolOptions()), expert =>
    {
        if (expert.Member.Name == name)
        {
            disk.Wait(TimeSpan.FromSeconds(30));
        }

        return null;
    });

    private static LoadedSet With(ExpertPool pool, LoadedSet set) => new()
    {
        Document = set.Document,
        Revision = set.Revision,
        BackboneDigest = set.BackboneDigest,
        Model = set.Model,
        Tokenizer = set.Tokenizer,
        Experts = set.Experts,
        Router = set.Router,
        Pooler = set.Pooler,
        EndTokens = set.EndTokens,
        Texts = set.Texts,
        Pool = pool,
    };
}
