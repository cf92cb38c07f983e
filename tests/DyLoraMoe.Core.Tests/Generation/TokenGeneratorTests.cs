using System.ComponentModel.DataAnnotations;
using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Generation;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Tests.Adapters;
using DyLoraMoe.Core.Tests.Models;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Generation;

public sealed class TokenGeneratorTests
{
    private static readonly int[][] _prompts = [[1, 5, 9, 13, 2, 7], [1, 40], [1, 22, 23, 24, 25, 26, 27, 28, 29]];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(CausalLanguageModelTests.Families), MemberType = typeof(CausalLanguageModelTests))]
    public void A_cached_left_padded_batch_generates_what_each_prompt_does_alone_without_cache(ModelFamily family)
    {
        using var model = TinyModels.Create(family);

        var together = Generate(model, _prompts, new GenerationOptions { MaxTokens = 20 });

        for (var row = 0; row < _prompts.Length; row++)
        {
            Assert.Equal(GreedyWithoutCache(model, _prompts[row], 20), together[row]);
        }
    }

    [Theory]
    [InlineData(AdapterMode.Full)]
    [InlineData(AdapterMode.Activated)]
    public void Rows_with_their_own_adapters_generate_what_each_does_alone(AdapterMode mode)
    {
        using var model = TinyModels.Create(ModelFamily.Qwen2);
        using var adapter = LoraAdapterTests.Trained(model, new LoraConfig { Mode = mode, AdaptHead = true });
        using var bank = new AdapterBank([adapter]);
        var adapters = new GenerationAdapters(bank, [[1], [0], [1]]);

        var together = Generate(model, _prompts, new GenerationOptions { MaxTokens = 12 }, adapters);

        Assert.Equal(GreedyWithoutCache(model, _prompts[0], 12, adapter), together[0]);
        Assert.Equal(GreedyWithoutCache(model, _prompts[1], 12), together[1]);
        Assert.Equal(GreedyWithoutCache(model, _prompts[2], 12, adapter), together[2]);
        Assert.NotEqual(GreedyWithoutCache(model, _prompts[0], 12), together[0]);
    }

    [Fact]
    public void An_adapter_that_no_prompt_token_invokes_stays_silent()
    {
        using var model = TinyModels.Create();
        using var adapter = LoraAdapterTests.Trained(model, new LoraConfig { Mode = AdapterMode.Activated, InvocationTokens = [9, 13] });
        using var bank = new AdapterBank([adapter]);

        var generated = Generate(model, _prompts, new GenerationOptions { MaxTokens = 12 }, new GenerationAdapters(bank, [[1], [1], [1]]));

        Assert.Equal(GreedyWithoutCache(model, _prompts[0], 12, adapter), generated[0]);
        Assert.Equal(GreedyWithoutCache(model, _prompts[1], 12), generated[1]);
        Assert.Equal(GreedyWithoutCache(model, _prompts[2], 12), generated[2]);
    }

    [Fact]
    public void An_end_token_ends_its_row_and_is_not_shown()
    {
        using var model = TinyModels.Create();
        var free = GreedyWithoutCache(model, _prompts[0], 20);
        var end = free[5];

        var result = new TokenGenerator(model).Generate(_prompts, new GenerationOptions { MaxTokens = 20, EosTokenIds = [end] }, cancellationToken: Cancel)[0];

        Assert.Equal(free.TakeWhile(id => id != end), result.Ids);
        Assert.Equal(FinishReason.Stop, result.FinishReason);
    }

    [Fact]
    public void The_listener_sees_every_token_and_can_end_its_row()
    {
        using var model = TinyModels.Create();
        var seen = new List<int>();

        var result = new TokenGenerator(model).Generate([_prompts[0]], new GenerationOptions { MaxTokens = 20 }, onToken: (_, id) =>
        {
            seen.Add(id);
            return seen.Count < 4;
        }, cancellationToken: Cancel)[0];

        Assert.Equal(4, seen.Count);
        Assert.Equal(seen, result.Ids);
        Assert.Equal(FinishReason.Stop, result.FinishReason);
    }

    [Theory]
    [InlineData(1, 1.0)]
    [InlineData(0, 1e-6)]
    public void Sampling_among_one_token_is_greedy(int topK, double topP)
    {
        using var model = TinyModels.Create();

        var sampled = Generate(model, _prompts, new GenerationOptions { MaxTokens = 15, Temperature = 1.5, TopK = topK, TopP = topP });

        Assert.Equal(GreedyWithoutCache(model, _prompts[1], 15), sampled[1]);
    }

    [Fact]
    public void A_seed_gives_the_same_sample_again_and_another_seed_another()
    {
        using var model = TinyModels.Create();
        var options = new GenerationOptions { MaxTokens = 20, Temperature = 1, Seed = 3 };

        Assert.Equal(Generate(model, _prompts, options), Generate(model, _prompts, options));
        Assert.NotEqual(Generate(model, _prompts, options)[0], Generate(model, _prompts, options with { Seed = 4 })[0]);
    }

    [Fact]
    public void A_rows_sample_does_not_depend_on_its_neighbours()
    {
        using var model = TinyModels.Create();
        var options = new GenerationOptions { MaxTokens = 20, Temperature = 1, Seed = 3 };

        Assert.Equal(Generate(model, [_prompts[0]], options)[0], Generate(model, _prompts, options)[0]);
    }

    [Fact]
    public void Samples_follow_the_models_distribution()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(5, CPU);
        var logits = randn([1, 6], generator: random);
        var expected = nn.functional.softmax(logits, -1).data<float>().ToArray();
        var counts = new double[6];
        const int Rows = 4000;
        using var sampler = new TokenSampler(new GenerationOptions { Temperature = 1 }, [.. Enumerable.Repeat(new[] { 0 }, Rows)], 6, CPU);

        foreach (var id in sampler.Next(logits.expand(Rows, 6)).data<long>().ToArray())
        {
            counts[id] += 1.0 / Rows;
        }

        // Four standard errors of a share of one half.
        Assert.All(expected.Zip(counts), pair => Assert.InRange(pair.Second, pair.First - 0.032, pair.First + 0.032));
    }

    [Fact]
    public void Top_p_keeps_the_fewest_tokens_that_reach_it()
    {
        using var scope = NewDisposeScope();
        var logits = tensor(new float[,] { { 0.5f, 0.3f, 0.15f, 0.05f } }).log().expand(500, 4);
        using var sampler = new TokenSampler(new GenerationOptions { Temperature = 1, TopP = 0.75 }, [.. Enumerable.Repeat(new[] { 0 }, 500)], 4, CPU);

        var drawn = sampler.Next(logits).data<long>().ToArray();

        Assert.Equal([0L, 1L], drawn.Distinct().Order());
    }

    [Fact]
    public void What_was_drawn_has_the_probability_that_the_model_gives_it_at_that_temperature()
    {
        using var model = TinyModels.Create();
        var options = new GenerationOptions { MaxTokens = 12, Temperature = 0.7, Seed = 9, EosTokenIds = [40], LogProbabilities = true };

        var drawn = new TokenGenerator(model).Generate(_prompts, options, cancellationToken: Cancel);

        Assert.All(drawn.Zip(_prompts), pair =>
        {
            int[] ids = pair.First.FinishReason == FinishReason.Stop ? [.. pair.First.Ids, 40] : [.. pair.First.Ids];
            Assert.Equal(LogProbabilityWithoutCache(model, pair.Second, ids, 0.7), pair.First.LogProbability!.Value, 1e-3);
        });
        Assert.Null(new TokenGenerator(model).Generate(_prompts, options with { LogProbabilities = false }, cancellationToken: Cancel)[0].LogProbability);
        Assert.Equal(0, new TokenGenerator(model).Generate(_prompts, options with { Temperature = 0 }, cancellationToken: Cancel)[0].LogProbability);
    }

    [Fact]
    public void The_probability_of_what_was_drawn_is_among_what_top_p_left()
    {
        using var scope = NewDisposeScope();
        var logits = tensor(new float[,] { { 0.5f, 0.3f, 0.15f, 0.05f } }).log().expand(50, 4);
        using var sampler = new TokenSampler(new GenerationOptions { Temperature = 1, TopP = 0.75, LogProbabilities = true }, [.. Enumerable.Repeat(new[] { 0 }, 50)], 4, CPU);

        var drawn = sampler.Next(logits).data<long>().ToArray();

        Assert.All(drawn.Zip(sampler.LogProbabilities!), pair => Assert.Equal(Math.Log(pair.First == 0 ? 0.5 / 0.8 : 0.3 / 0.8), pair.Second, 1e-5));
    }

    [Fact]
    public void A_repetition_penalty_makes_seen_tokens_less_likely_whatever_their_sign()
    {
        using var scope = NewDisposeScope();
        var logits = tensor(new float[,] { { 2, 1.5f, -3 }, { -1, -1.5f, -9 } });
        using var sampler = new TokenSampler(new GenerationOptions { RepetitionPenalty = 2 }, [[0], [0]], 3, CPU);

        Assert.Equal([1L, 1L], sampler.Next(logits).data<long>().ToArray());
        Assert.Equal([0L, 0L], sampler.Next(logits).data<long>().ToArray());
    }

    [Theory]
    [InlineData(-1.0, 1.0, 10)]
    [InlineData(1.0, 0.0, 10)]
    [InlineData(1.0, 1.5, 10)]
    [InlineData(1.0, 1.0, 0)]
    public void Options_out_of_bounds_are_refused(double temperature, double topP, int maxTokens)
    {
        using var model = TinyModels.Create();
        var options = new GenerationOptions { Temperature = temperature, TopP = topP, MaxTokens = maxTokens };

        Assert.Throws<ValidationException>(() => new TokenGenerator(model).Generate(_prompts, options, cancellationToken: Cancel));
    }

    [Fact]
    public void Prompts_that_are_empty_or_outside_the_vocabulary_are_refused()
    {
        using var model = TinyModels.Create();
        var generator = new TokenGenerator(model);

        Assert.Throws<ArgumentException>(() => generator.Generate([[1], []], new GenerationOptions(), cancellationToken: Cancel));
        Assert.Throws<ArgumentException>(() => generator.Generate([[64]], new GenerationOptions(), cancellationToken: Cancel));
    }

    private static int[][] Generate(CausalLanguageModel model, IReadOnlyList<IReadOnlyList<int>> prompts, GenerationOptions options, GenerationAdapters? adapters = null) =>
        [.. new TokenGenerator(model).Generate(prompts, options, adapters, cancellationToken: Cancel).Select(result => result.Ids.ToArray())];

    private static List<int> GreedyWithoutCache(CausalLanguageModel model, int[] prompt, int count, LoraAdapter? adapter = null)
    {
        using var _ = no_grad();
        var ids = prompt.ToList();
        while (ids.Count < prompt.Length + count)
        {
            using var scope = NewDisposeScope();
            var active = adapter is null ? null : InvocationPoint.Mask([InvocationPoint.Of(adapter.Config, prompt, prompt.Length)], ids.Count, TestDevice.Current);
            var delta = adapter is null ? null : new AdapterDelta(adapter, active);
            var logits = model.Logits(tensor(ids.Select(id => (long)id).ToArray(), device: TestDevice.Current).unsqueeze(0), new ForwardOptions { Delta = delta });
            ids.Add((int)logits[0, -1].argmax().item<long>());
        }

        return ids[prompt.Length..];
    }

    private static double LogProbabilityWithoutCache(CausalLanguageModel model, int[] prompt, int[] drawn, double temperature)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        long[] all = [.. prompt.Concat(drawn).Select(id => (long)id)];
        var logs = nn.functional.log_softmax(model.Logits(tensor(all, device: TestDevice.Current).unsqueeze(0), new ForwardOptions())[0] / temperature, -1);
        return Enumerable.Range(0, drawn.Length).Sum(at => logs[prompt.Length + at - 1, drawn[at]].item<float>());
    }
}
