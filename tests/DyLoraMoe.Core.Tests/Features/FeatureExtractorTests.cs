using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Features;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Tests.Data;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;
using FsCheck.Fluent;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Features;

public class FeatureExtractorTests
{
    private static readonly int[] _prompt = [1, 9, 20, 33, 4];

    [Fact]
    public void Features_are_mean_and_spread_of_scaled_states_and_the_last_token()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Create();
        using var extractor = new FeatureExtractor(model);
        var layers = new Recorder();
        model.Encode(tensor(_prompt, [1, _prompt.Length], dtype: ScalarType.Int64, device: TestDevice.Current), new ForwardOptions { Observer = layers });

        var actual = extractor.Of([_prompt]);

        var states = new[] { 0, 1, 2 }.Select(layer => Scaled(layers.Seen[layer][0])).ToArray();     // (T, D)
        var blocks = states.SelectMany(state => new[] { state.mean([0]), state.std([0], unbiased: false) }).Append(states[2][-1]);
        TensorAssert.Close(cat([.. blocks]).unsqueeze(0), actual, 2e-6);
        Assert.Equal(extractor.Width, actual.shape[1]);
    }

    [Fact]
    public void Pitfall_5_the_last_state_is_taken_before_the_models_own_last_norm()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Create();
        var layers = new Recorder();
        var final = model.Encode(tensor(_prompt, [1, _prompt.Length], dtype: ScalarType.Int64, device: TestDevice.Current), new ForwardOptions { Observer = layers });
        using var extractor = new FeatureExtractor(model, new FeatureOptions { Depths = [1] });

        var last = extractor.Of([_prompt])[0][^32..];

        TensorAssert.Close(Scaled(layers.Seen[2][0, -1]), last, 2e-6);
        Assert.True(TensorAssert.LargestDifference(Scaled(final[0, -1]), last) > 1e-2);
    }

    [Fact]
    public void The_batch_a_prompt_travels_in_does_not_show()
    {
        using var model = TinyModels.Create();
        using var extractor = new FeatureExtractor(model);
        var prompts = Gen.ListOf(Gen.NonEmptyListOf(Gen.Choose(0, 63))).Select(lists => lists.Select(list => list.ToArray()).ToArray());

        Law.Holds(prompts, others =>
        {
            using var scope = NewDisposeScope();
            var together = extractor.Of([_prompt, .. others]);
            var alone = extractor.Of([_prompt]);
            TensorAssert.Close(alone[0], together[0], 1e-5);
        });
    }

    [Theory]
    [InlineData(ModelFamily.Llama)]
    [InlineData(ModelFamily.Mistral)]
    [InlineData(ModelFamily.Gemma)]
    public void A_padded_prefill_in_pieces_gives_the_same_features(ModelFamily family)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var model = TinyModels.Create(family);
        using var extractor = new FeatureExtractor(model);
        var expected = extractor.Of([_prompt]);
        var ids = tensor([0, 0, .. _prompt], [1, _prompt.Length + 2], dtype: ScalarType.Int64, device: TestDevice.Current);
        var real = arange(_prompt.Length + 2, device: TestDevice.Current).unsqueeze(0) >= 2;
        var positions = (arange(_prompt.Length + 2, device: TestDevice.Current) - 2).clamp_min(0).unsqueeze(0);
        using var cache = new KeyValueCache(model.Config.Layers);
        using var pooler = new FeaturePooler(model.Config);

        foreach (var (first, last) in new[] { (0, 4), (4, 7) })
        {
            pooler.Expect(real[.., first..last]);
            model.Encode(ids[.., first..last], new ForwardOptions
            {
                Cache = cache,
                KeyMask = real[.., ..last],
                Positions = positions[.., first..last],
                PositionsEnd = _prompt.Length,
                Observer = pooler,
            });
        }

        TensorAssert.Close(expected, pooler.Features(), 1e-5);
    }

    [Fact]
    public void Pitfall_6_features_do_not_change_when_an_expert_learns_nor_while_it_is_active()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Create();
        using var extractor = new FeatureExtractor(model);
        var samples = TinyData.Shifted(16);
        var before = extractor.Of(samples);
        using var adapter = LoraAdapter.Create(model, new LoraConfig(), seed: 1);
        using var run = TrainingRun.OfExpert(model, adapter, TrainingData.OfSamples(samples, []), new TrainingOptions
        {
            MaxSteps = 4,
            Rows = 4,
            Context = 32,
            Seeding = new SeedingOptions { Rate = 2e-2, WarmUpSteps = 0, MaxSteps = 4 },
            KeepBest = false,
        });

        run.Run();

        Assert.True(before.HasBitsOf(extractor.Of(samples)));
        Assert.True(TestLogits(model, adapter) > 1e-3);

        // Between two passes of an answer that it takes part in.
        using var bank = new AdapterBank([adapter]);
        using var batch = new AdapterBatch(bank, ones(1, 1, device: TestDevice.Current), _prompt.Length);
        using var cache = new KeyValueCache(model.Config.Layers);
        using var _ = no_grad();
        var ids = tensor(_prompt, [1, _prompt.Length], dtype: ScalarType.Int64, device: TestDevice.Current);
        model.Logits(ids, new ForwardOptions { Delta = batch, Cache = cache });
        Assert.True(before.HasBitsOf(extractor.Of(samples)));
        using var next = batch.LastToken();
        model.Logits(ids[.., ..1], new ForwardOptions { Delta = next, Cache = cache });
        Assert.True(before.HasBitsOf(extractor.Of(samples)));
    }

    [Fact]
    public void Wide_models_are_projected_by_a_matrix_that_the_seed_fixes()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Create();
        using var one = new FeatureExtractor(model, new FeatureOptions { WidestBlock = 16 });
        using var same = new FeatureExtractor(model, new FeatureOptions { WidestBlock = 16 });
        using var other = new FeatureExtractor(model, new FeatureOptions { WidestBlock = 16, Seed = 2 });

        Assert.Equal(7 * 16, one.Width);
        Assert.True(one.Of([_prompt]).HasBitsOf(same.Of([_prompt])));
        Assert.True(TensorAssert.LargestDifference(one.Of([_prompt]), other.Of([_prompt])) > 1e-2);
        Assert.NotEqual(one.Options.Digest, other.Options.Digest);
    }

    [Fact]
    public void Nothing_but_the_result_stays_in_memory()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Create();
        using var extractor = new FeatureExtractor(model);
        extractor.Of([_prompt]).Dispose();
        var before = scope.DisposablesCount;

        var features = extractor.Of([_prompt, [1, 2], [3]]);

        Assert.Equal(before, scope.DisposablesCount);
        Assert.True(features.isfinite().all().item<bool>());
    }

    [Fact]
    public void Progress_is_told_and_an_empty_prompt_is_refused_by_its_number()
    {
        using var model = TinyModels.Create();
        using var extractor = new FeatureExtractor(model);
        var done = new Reports();

        extractor.Of([_prompt, [1]], done).Dispose();

        Assert.Equal(2, done.Last);
        Assert.Contains("Prompt 1", Assert.Throws<ArgumentException>(() => extractor.Of([_prompt, []])).Message, StringComparison.Ordinal);
    }

    private static Tensor Scaled(Tensor states) => states * (states.square().mean([-1], keepdim: true) + 1e-6).rsqrt();

    private static double TestLogits(CausalLanguageModel model, LoraAdapter adapter)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var ids = tensor(_prompt, [1, _prompt.Length], dtype: ScalarType.Int64, device: TestDevice.Current);
        return TensorAssert.LargestDifference(model.call(ids), model.Logits(ids, new ForwardOptions { Delta = new AdapterDelta(adapter) }));
    }

    private sealed class Recorder : ILayerObserver
    {
        public Dictionary<int, Tensor> Seen { get; } = [];

        public void Observe(int layer, Tensor hidden) => Seen[layer] = hidden.clone().DetachFromDisposeScope();
    }

    private sealed class Reports : IProgress<int>
    {
        public int Last { get; private set; }

        public void Report(int value) => Last = value;
    }
}
