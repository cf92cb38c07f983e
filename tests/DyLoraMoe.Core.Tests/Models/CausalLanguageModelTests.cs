using DyLoraMoe.Core.Models;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Models;

public sealed class CausalLanguageModelTests
{
    public static TheoryData<ModelFamily> Families => new(Enum.GetValues<ModelFamily>());

    [Theory]
    [MemberData(nameof(Families))]
    public void Cached_steps_give_the_logits_of_one_pass(ModelFamily family)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var model = TinyModels.Create(family);
        var ids = RandomIds(2, 14);
        var whole = model.call(ids);
        using var cache = new KeyValueCache(model.Config.Layers, capacity: 2);

        var parts = new List<Tensor>();
        foreach (var (first, count) in new[] { (0, 5), (5, 1), (6, 3), (9, 1), (10, 4) })
        {
            parts.Add(model.Logits(ids.narrow(1, first, count), new ForwardOptions { Cache = cache }));
        }

        TensorAssert.Close(whole, cat(parts, 1));
        Assert.Equal(14, cache.Length);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_left_padded_row_gives_the_logits_of_the_row_alone(ModelFamily family)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var model = TinyModels.Create(family);
        var (shorter, longer) = (RandomIds(1, 6), RandomIds(1, 11));
        var padded = cat([cat([zeros([1, 5], ScalarType.Int64, TestDevice.Current), shorter], 1), longer], 0);
        var real = ones(padded.shape, ScalarType.Bool, TestDevice.Current);
        real[0, ..5] = tensor(false);

        var together = model.Logits(padded, new ForwardOptions
        {
            KeyMask = real,
            Positions = (real.to_type(ScalarType.Int64).cumsum(1) - 1).clamp_min(0),
            PositionsEnd = 11,
        });

        TensorAssert.Close(model.call(shorter), together[..1, 5..]);
        TensorAssert.Close(model.call(longer), together[1..]);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Packed_samples_do_not_see_each_other(ModelFamily family)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var model = TinyModels.Create(family);
        var (first, second) = (RandomIds(1, 6), RandomIds(1, 9));

        var packed = model.Logits(cat([first, second], 1), new ForwardOptions
        {
            Segments = cat([ones([1, 6], ScalarType.Int64), full([1, 9], 2L)], 1).to(TestDevice.Current),
            Positions = cat([arange(6), arange(9)], 0).unsqueeze(0).to(TestDevice.Current),
            PositionsEnd = 9,
        });

        TensorAssert.Close(model.call(first), packed[.., ..6]);
        TensorAssert.Close(model.call(second), packed[.., 6..]);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_token_never_sees_a_later_one(ModelFamily family)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var model = TinyModels.Create(family);
        var ids = RandomIds(1, 12);
        var changed = ids.clone();
        changed[0, 8] = (ids[0, 8] + 1) % 64;

        TensorAssert.Same(model.call(ids)[.., ..8], model.call(changed)[.., ..8]);
        Assert.NotEqual(0, TensorAssert.LargestDifference(model.call(ids)[.., 8], model.call(changed)[.., 8]));
    }

    [Fact]
    public void A_sliding_window_of_five_reaches_four_tokens_back()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var model = TinyModels.Create(TinyModels.Config(ModelFamily.Mistral) with { Layers = 1 });
        var ids = RandomIds(1, 12);

        Assert.Equal(0, ChangeAtTheEnd(model, ids, changedToken: 6));
        Assert.NotEqual(0, ChangeAtTheEnd(model, ids, changedToken: 7));
    }

    [Fact]
    public void Layers_before_the_first_sliding_layer_see_everything()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var config = TinyModels.Config(ModelFamily.Qwen2) with { Layers = 1, SlidingWindow = 3, FirstSlidingLayer = 1 };
        using var model = TinyModels.Create(config);

        Assert.NotEqual(0, ChangeAtTheEnd(model, RandomIds(1, 12), changedToken: 0));
    }

    [Theory]
    [InlineData(ModelFamily.Llama)]
    [InlineData(ModelFamily.Qwen3)]
    public void Gradient_checkpointing_gives_the_same_gradients(ModelFamily family)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Create(family).Unfreeze();
        var ids = RandomIds(2, 10);

        var plain = Gradients(model, ids, ForwardOptions.Plain);
        var again = Gradients(model, ids, new ForwardOptions { Checkpointing = true });

        foreach (var (name, gradient) in plain)
        {
            TensorAssert.Close(gradient, again[name], 1e-5);
        }
    }

    [Fact]
    public void Linear_rope_scaling_stretches_positions()
    {
        using var scope = NewDisposeScope();
        using var plain = new RotaryTable(TinyModels.Config(), CPU);
        using var stretched = new RotaryTable(TinyModels.Config() with { RopeScaling = new RopeScaling.Linear(4) }, CPU);

        TensorAssert.Close(plain.Consecutive(3, 1, ScalarType.Float32).Cosine, stretched.Consecutive(12, 1, ScalarType.Float32).Cosine, 1e-6);
    }

    [Fact]
    public void Rotary_positions_beyond_the_configured_length_are_computed_too()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var model = TinyModels.Create(TinyModels.Config() with { MaxPositions = 8 });
        var ids = RandomIds(1, 1100);

        Assert.True(model.call(ids).isfinite().all().item<bool>());
    }

    [Fact]
    public void A_pass_frees_everything_but_its_result()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var model = TinyModels.Create();
        var ids = RandomIds(1, 8);
        model.call(ids).Dispose();
        var before = scope.DisposablesCount;

        model.call(ids);

        Assert.Equal(before + 1, scope.DisposablesCount);
    }

    [Fact]
    public void A_bfloat16_model_stays_close_to_the_float32_one()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var folder = new TemporaryFolder();
        using var model = TinyModels.Create(ModelFamily.Gemma);
        ModelFolder.Save(folder.FullPath, model);
        using var half = ModelFolder.Load(folder.FullPath, ScalarType.BFloat16, TestDevice.Current);
        var ids = RandomIds(1, 8);

        var logits = half.call(ids);

        Assert.Equal(ScalarType.BFloat16, logits.dtype);
        var (exact, rounded) = (model.call(ids), logits.to_type(ScalarType.Float32));
        Assert.True(TensorAssert.LargestDifference(exact, rounded) < 0.1 * exact.abs().max().item<float>());
    }

    [Theory]
    [InlineData(new long[] { 4 })]
    [InlineData(new long[] { 1, 0 })]
    [InlineData(new long[] { 1, 2, 3 })]
    public void Ids_that_are_not_batch_by_tokens_are_refused(long[] shape)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Create();

        Assert.Throws<ArgumentException>(() => model.call(zeros(shape, ScalarType.Int64, TestDevice.Current)));
    }

    internal static Tensor RandomIds(long batch, long tokens, long seed = 3)
    {
        using var random = new Generator((ulong)(seed + (batch * 1000) + tokens), CPU);
        return randint(0, 64, [batch, tokens], ScalarType.Int64, generator: random).to(TestDevice.Current);
    }

    private static double ChangeAtTheEnd(CausalLanguageModel model, Tensor ids, long changedToken)
    {
        var changed = ids.clone();
        changed[0, changedToken] = (ids[0, changedToken] + 1) % 64;
        return TensorAssert.LargestDifference(model.call(ids)[0, -1], model.call(changed)[0, -1]);
    }

    private static Dictionary<string, Tensor> Gradients(CausalLanguageModel model, Tensor ids, ForwardOptions options)
    {
        model.zero_grad();
        var logits = model.Logits(ids, options);
        nn.functional.cross_entropy(logits.view(-1, 64), ids.view(-1)).backward();
        return model.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter.grad!.clone());
    }
}
