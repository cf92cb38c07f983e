using DyLoraMoe.Core.Growth;
using DyLoraMoe.Core.Growth.Operators;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Tests.Models;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Growth;

/// <summary>The recipes behind the operators, each by itself.</summary>
public sealed class RecipeTests
{
    [Fact]
    public void Old_entries_come_first_and_new_ones_continue_nothing()
    {
        Assert.Equal([0, 1, 2, -1, -1], AxisMap.Append(3, 2).Sources);
        Assert.Equal([0, 1, -1, 2, 3, -1], AxisMap.AppendToEach(2, 2, 1).Sources);
        Assert.Equal([0, 1, 0, 1, 2, 3, 2, 3], AxisMap.Repeat(2, 2, 2).Sources);
    }

    [Fact]
    public void A_new_neuron_reads_at_random_and_writes_nothing()
    {
        using var scope = NewDisposeScope();
        using var model = Growths.Model();
        using var grown = GrowthPlan.Of(model.Config, new WidenFeedForward(50)).Grow(model);
        var weights = Weights(grown);

        Assert.Equal(0, weights["model.layers.0.mlp.down_proj.weight"][.., 48..].abs().max().item<float>());
        var spread = weights["model.layers.0.mlp.gate_proj.weight"][48..].std().item<float>();
        Assert.InRange(spread / weights["model.layers.0.mlp.gate_proj.weight"][..48].std().item<float>(), 0.7, 1.4);
    }

    [Fact]
    public void An_added_group_stands_at_the_end_where_no_old_query_changes_its_partner()
    {
        using var scope = NewDisposeScope();
        using var model = Growths.Model();
        using var grown = GrowthPlan.Of(model.Config, new AddKeyValueGroups(1)).Grow(model);
        var (before, after) = (Weights(model), Weights(grown));

        Assert.Equal((6, 3), (grown.Config.Heads, grown.Config.KeyValueHeads));
        TensorAssert.Same(before["model.layers.1.self_attn.q_proj.weight"], after["model.layers.1.self_attn.q_proj.weight"][..32]);
        TensorAssert.Same(before["model.layers.1.self_attn.k_proj.weight"], after["model.layers.1.self_attn.k_proj.weight"][..16]);
        Assert.Equal(0, after["model.layers.1.self_attn.o_proj.weight"][.., 32..].abs().max().item<float>());
    }

    [Fact]
    public void Another_query_stands_at_the_end_of_each_group()
    {
        using var scope = NewDisposeScope();
        using var model = Growths.Model();
        using var grown = GrowthPlan.Of(model.Config, new RaiseQueriesPerGroup(3)).Grow(model);
        var (before, after) = (Weights(model)["model.layers.0.self_attn.o_proj.weight"], Weights(grown)["model.layers.0.self_attn.o_proj.weight"]);

        TensorAssert.Same(before[.., ..16], after[.., ..16]);
        TensorAssert.Same(before[.., 16..], after[.., 24..40]);
        Assert.Equal(0, after[.., 16..24].abs().max().item<float>());
        Assert.Equal(0, after[.., 40..].abs().max().item<float>());
    }

    [Fact]
    public void An_unshared_key_is_a_copy_beside_the_one_it_comes_from()
    {
        using var scope = NewDisposeScope();
        using var model = Growths.Model();
        using var grown = GrowthPlan.Of(model.Config, new UnshareKeyValues(2)).Grow(model);
        var (before, after) = (Weights(model)["model.layers.0.self_attn.k_proj.weight"], Weights(grown)["model.layers.0.self_attn.k_proj.weight"]);

        TensorAssert.Same(cat([before[..8], before[..8], before[8..], before[8..]], 0), after);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void A_multiple_of_the_head_size_has_every_old_frequency_among_its_own(int times)
    {
        var config = TinyModels.Config() with { RopeScaling = new RopeScaling.Llama3(8, 1, 4, 16) };
        var queries = new WidenHeads(config.HeadSize * times).Plan(config).Tensors["model.layers.0.self_attn.q_proj.weight"].Rows!;

        foreach (var (place, source) in queries.Sources.Take(config.HeadSize * times).Index().Where(pair => pair.Item != AxisMap.None))
        {
            var pairs = config.HeadSize / 2;
            Assert.Equal(Frequency(config, source % pairs), Frequency(config with { HeadSize = config.HeadSize * times }, place % (pairs * times)), 1e-15);
            Assert.Equal(source / pairs, place / (pairs * times));
        }

        static double Frequency(ModelConfig config, int pair) => config.RopeScaling!.Apply(Math.Pow(config.RopeTheta, -2.0 * pair / config.HeadSize));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(16)]
    public void A_wider_norm_gives_old_channels_what_they_had(int width)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (before, after) = (TinyModels.Config() with { HiddenSize = 8, NormEpsilon = 0.3 }, new WidenHidden(width).Plan(TinyModels.Config() with { HiddenSize = 8, NormEpsilon = 0.3 }));
        using var random = new Generator(1, CPU);
        var (x, gain) = (randn([4, 8], generator: random), randn([8], generator: random));
        var grownGain = after.Tensors["model.norm.weight"].Apply(gain, random);

        var normal = Norm(x, gain, before.NormEpsilon);
        var grown = Norm(cat([x, zeros(4, width - 8)], 1), grownGain, after.After.NormEpsilon);

        TensorAssert.Close(normal, grown[.., ..8], 1e-6);
        Assert.Equal(grownGain[..8].mean().item<float>(), grownGain[8].item<float>(), 1e-6f);

        static Tensor Norm(Tensor x, Tensor gain, double epsilon) => x * (x.square().mean([-1], keepdim: true) + epsilon).rsqrt() * gain;
    }

    [Fact]
    public void Four_times_the_width_rounds_no_weight()
    {
        Assert.True(GrowthPlan.Of(TinyModels.Config(), new WidenHidden(128), new WidenHeads(32)).RoundsNothing);
        Assert.True(GrowthPlan.Of(TinyModels.Config(), new WidenFeedForward(50), new AddHeads(2), new InsertLayers(1)).RoundsNothing);
        Assert.False(GrowthPlan.Of(TinyModels.Config(), new WidenHidden(48)).RoundsNothing);
        Assert.False(GrowthPlan.Of(TinyModels.Config(ModelFamily.Gemma), new WidenHidden(128)).RoundsNothing);
    }

    [Theory]
    [InlineData(0, 2, new[] { false, true, true, false })]
    [InlineData(1, 2, new[] { true, true, true, false })]
    [InlineData(3, 2, new[] { true, false, false, false })]
    public void Sliding_windows_stay_with_their_layers(int at, int count, bool[] listed)
    {
        var listing = TinyModels.Config(ModelFamily.Qwen3) with { Layers = 4, SlidingWindow = 4, SlidingLayers = listed };
        var counting = TinyModels.Config(ModelFamily.Qwen2) with { Layers = 4, SlidingWindow = 4, FirstSlidingLayer = 2 };
        foreach (var config in new[] { listing, counting, TinyModels.Config(ModelFamily.Mistral) with { Layers = 4 } })
        {
            var step = new InsertLayers(at, count).Plan(config);

            Assert.All(Enumerable.Range(0, 4), layer => Assert.Equal(config.WindowOf(layer), step.After.WindowOf(step.LayerAfter(layer))));
        }
    }

    [Fact]
    public void Old_tokens_keep_their_logits_and_new_ones_start_from_their_pieces()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var model = Growths.Model(ModelFamily.Qwen2);
        var plan = GrowthPlan.Of(model.Config, new ExtendVocabulary(66) { Pieces = [[3, 5], [7]] });
        using var grown = plan.Grow(model);
        var ids = CausalLanguageModelTests.RandomIds(2, 7);

        TensorAssert.Close(model.call(ids), grown.call(ids)[.., .., ..64], Growths.Tolerance);
        var rows = Weights(grown)["model.embed_tokens.weight"];
        Assert.InRange((rows[64] - ((rows[3] + rows[5]) / 2)).abs().mean().item<float>(), 0, 0.1);
        Assert.InRange((rows[65] - rows[7]).abs().mean().item<float>(), 0, 0.1);
        Assert.False(plan.IsExact);
        Assert.Contains("approximate", plan.Steps[0].Note, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_seed_grows_the_same_model()
    {
        using var model = Growths.Model();
        var plan = GrowthPlan.Of(model.Config, new WidenHidden(40), new InsertLayers(1), new AddHeads(2));
        using var once = plan.Grow(model, 3);
        using var again = plan.Grow(model, 3);
        using var other = plan.Grow(model, 4);

        Assert.True(once.parameters().Zip(again.parameters()).All(pair => pair.First.HasBitsOf(pair.Second)));
        Assert.False(once.parameters().Zip(other.parameters()).All(pair => pair.First.HasBitsOf(pair.Second)));
    }

    [Fact]
    public void A_grown_model_is_an_ordinary_folder()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using var model = Growths.Model(ModelFamily.Mistral);
        using (var grown = GrowthPlan.Of(model.Config, new WidenHidden(40), new WidenHeads(24), new InsertLayers(0), new UnshareKeyValues(2)).Grow(model))
        {
            ModelFolder.Save(folder.FullPath, grown);
        }

        using var loaded = ModelFolder.Load(folder.FullPath, device: TestDevice.Current);

        Assert.InRange(Growths.Difference(model, loaded, CausalLanguageModelTests.RandomIds(2, 12)), 0, Growths.Tolerance);
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public void What_cannot_be_exact_and_alive_is_refused_with_the_reason(ModelFamily family, string reason, IGrowthOperator growth)
    {
        var refusal = Assert.Throws<GrowthRefusedException>(() => GrowthPlan.Of(TinyModels.Config(family), growth));
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    public static TheoryData<ModelFamily, string, IGrowthOperator> Refusals => new()
    {
        { ModelFamily.Qwen3, "normalises every query and key", new WidenHeads(16) },
        { ModelFamily.Llama, "other frequencies", new WidenHeads(12) },
        { ModelFamily.Llama, "larger number", new WidenHeads(8) },
        { ModelFamily.Llama, "larger number", new WidenHidden(32) },
        { ModelFamily.Llama, "larger number", new WidenFeedForward(47) },
        { ModelFamily.Llama, "larger number", new RaiseQueriesPerGroup(2) },
        { ModelFamily.Llama, "larger number", new ExtendVocabulary(10) },
        { ModelFamily.Llama, "0 to 2", new InsertLayers(3) },
        { ModelFamily.Llama, "evenly", new AddHeads(3) },
        { ModelFamily.Llama, "at least one", new AddHeads(0) },
        { ModelFamily.Llama, "at least one", new AddKeyValueGroups(0) },
        { ModelFamily.Llama, "divisor", new UnshareKeyValues(3) },
        { ModelFamily.Llama, "rank", new RaiseRank(0) },
        { ModelFamily.Llama, "pieces", new ExtendVocabulary(66) { Pieces = [[3]] } },
    };

    [Fact]
    public void A_refusal_in_a_plan_says_which_operator_it_is()
    {
        var refusal = Assert.Throws<GrowthRefusedException>(() => GrowthPlan.Of(TinyModels.Config(), new WidenHidden(40), new WidenHidden(36)));
        Assert.StartsWith("operator 2 of 2: ", refusal.Message, StringComparison.Ordinal);
    }

    private static Dictionary<string, Tensor> Weights(CausalLanguageModel model) =>
        model.named_parameters().ToDictionary(pair => pair.name, pair => (Tensor)pair.parameter);
}
