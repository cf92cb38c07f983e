using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Tests.Models;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Adapters;

public sealed class LoraAdapterTests
{
    [Theory]
    [MemberData(nameof(CausalLanguageModelTests.Families), MemberType = typeof(CausalLanguageModelTests))]
    public void A_new_adapter_reaches_every_layer_and_changes_nothing(ModelFamily family)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var model = TinyModels.Create(family);
        using var adapter = LoraAdapter.Create(model, new LoraConfig(), seed: 1);
        var ids = CausalLanguageModelTests.RandomIds(2, 7);

        Assert.Equal(2 * 7, adapter.Layers.Count);
        TensorAssert.Same(model.call(ids), model.Logits(ids, new ForwardOptions { Delta = new AdapterDelta(adapter) }));
    }

    [Fact]
    public void Its_gradient_reaches_B_at_once_and_A_as_soon_as_B_is_not_zero()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Create();
        using var adapter = LoraAdapter.Create(model, new LoraConfig(), seed: 1);
        var ids = CausalLanguageModelTests.RandomIds(2, 7);

        Loss(model, adapter, ids).backward();

        Assert.All(adapter.Layers.Values, layer => Assert.True(layer.B.grad!.abs().max().item<float>() > 0));
        Assert.All(adapter.Layers.Values, layer => Assert.Equal(0, layer.A.grad!.abs().max().item<float>()));
        Assert.All(model.parameters(), parameter => Assert.Null(parameter.grad));
    }

    [Fact]
    public void Half_the_way_between_two_adapters_is_the_mean_of_their_factors()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var model = TinyModels.Create();
        using var from = LoraAdapter.Create(model, new LoraConfig(), seed: 1);
        using var to = LoraAdapter.Create(model, new LoraConfig(), seed: 2);
        using var wider = LoraAdapter.Create(model, new LoraConfig { Rank = 16 }, seed: 2);

        using var between = from.HalfWayTo(to);

        Assert.All(between.Layers, pair => TensorAssert.Same((from.Layers[pair.Key].A + to.Layers[pair.Key].A) / 2, pair.Value.A));
        Assert.Equal(from.Config, between.Config);
        Assert.Throws<ArgumentException>(() => from.HalfWayTo(wider));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_scale_is_alpha_over_rank_or_over_its_root(bool useRsLora)
    {
        var config = new LoraConfig { Rank = 4, Alpha = 6, UseRsLora = useRsLora };

        Assert.Equal(useRsLora ? 3 : 1.5, config.ScaleOf("model.layers.0.mlp.up_proj"));
    }

    [Fact]
    public void Merging_computes_what_running_it_does_and_unmerging_undoes_it()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var model = TinyModels.Create(ModelFamily.Qwen3);
        using var adapter = Trained(model);
        var ids = CausalLanguageModelTests.RandomIds(2, 7);
        var (bare, adapted) = (model.call(ids), model.Logits(ids, new ForwardOptions { Delta = new AdapterDelta(adapter) }));

        AdapterMerge.Merge(model, adapter);
        TensorAssert.Close(adapted, model.call(ids), 1e-4);

        AdapterMerge.Unmerge(model, adapter);
        TensorAssert.Close(bare, model.call(ids), 1e-5);
    }

    [Fact]
    public void An_activated_adapter_cannot_be_merged()
    {
        using var model = TinyModels.Create();
        using var adapter = LoraAdapter.Create(model, new LoraConfig { Mode = AdapterMode.Activated }, seed: 1);

        Assert.Throws<InvalidOperationException>(() => AdapterMerge.Merge(model, adapter));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Growing_the_rank_changes_nothing_and_the_new_columns_are_alive(bool useRsLora)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Create();
        using var adapter = Trained(model, new LoraConfig
        {
            Rank = 2,
            Alpha = 5,
            UseRsLora = useRsLora,
            RankPattern = new Dictionary<string, int> { ["down_proj"] = 3 },
            AlphaPattern = new Dictionary<string, double> { [@"layers\.1\.mlp\.up_proj"] = 7 },
        });
        using var grown = adapter.Grow(6, seed: 9);
        var ids = CausalLanguageModelTests.RandomIds(2, 7);

        TensorAssert.Close(
            model.Logits(ids, new ForwardOptions { Delta = new AdapterDelta(adapter) }),
            model.Logits(ids, new ForwardOptions { Delta = new AdapterDelta(grown) }),
            1e-5);

        Loss(model, grown, ids).backward();
        Assert.All(grown.Layers, pair => Assert.Equal(6, pair.Value.Rank));
        Assert.All(grown.Layers, pair => Assert.Equal(pair.Value.Scale, grown.Config.ScaleOf(pair.Key), 1e-12));
        Assert.All(grown.Layers.Values, layer => Assert.True(layer.B.grad![.., 3..].abs().max().item<float>() > 0));
    }

    [Fact]
    public void Target_names_that_the_model_lacks_are_refused_and_those_it_has_are_listed()
    {
        using var model = TinyModels.Create();

        var error = Assert.Throws<ModelFormatException>(() => LoraAdapter.Create(model, new LoraConfig { TargetModules = ["query"] }, seed: 1));

        Assert.Contains("'query'", error.Message, StringComparison.Ordinal);
        Assert.Contains("q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_head_can_be_adapted_only_where_it_is_not_tied()
    {
        using var scope = NewDisposeScope();
        using var tied = TinyModels.Create(ModelFamily.Llama);
        using var untied = TinyModels.Create(ModelFamily.Qwen2);
        var config = new LoraConfig { AdaptHead = true };

        Assert.Throws<ModelFormatException>(() => LoraAdapter.Create(tied, config, seed: 1));
        using var adapter = LoraAdapter.Create(untied, config, seed: 1);
        var ids = CausalLanguageModelTests.RandomIds(1, 5);
        Loss(untied, adapter, ids).backward();

        Assert.True(adapter.Layers["lm_head"].B.grad!.abs().max().item<float>() > 0);
    }

    [Fact]
    public void Dropout_acts_in_training_only()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var model = TinyModels.Create();
        using var adapter = Trained(model, new LoraConfig { Dropout = 0.5 });
        var ids = CausalLanguageModelTests.RandomIds(1, 7);
        Tensor Run(bool isTraining) => model.Logits(ids, new ForwardOptions { Delta = new AdapterDelta(adapter, isTraining: isTraining) });

        TensorAssert.Same(Run(isTraining: false), Run(isTraining: false));
        Assert.NotEqual(0, TensorAssert.LargestDifference(Run(isTraining: true), Run(isTraining: true)));
    }

    [Fact]
    public void A_bfloat16_backbone_runs_with_a_float32_adapter()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var exact = TinyModels.Create();
        ModelFolder.Save(folder.FullPath, exact);
        using var model = ModelFolder.Load(folder.FullPath, ScalarType.BFloat16, TestDevice.Current);
        using var adapter = Trained(model);

        var loss = Loss(model, adapter, CausalLanguageModelTests.RandomIds(1, 6));
        loss.backward();

        Assert.Equal(ScalarType.Float32, adapter.Layers.Values.First().B.grad!.dtype);
    }

    /// <summary>An adapter whose B is not zero any more.</summary>
    internal static LoraAdapter Trained(CausalLanguageModel model, LoraConfig? config = null, long seed = 1)
    {
        using var _ = no_grad();
        var adapter = LoraAdapter.Create(model, config ?? new LoraConfig(), seed);
        using var random = new Generator((ulong)seed, CPU);
        foreach (var layer in adapter.Layers.Values)
        {
            using var scope = NewDisposeScope();
            layer.B.copy_((randn(layer.B.shape, generator: random) * 0.1).to(layer.B.device));
        }

        return adapter;
    }

    private static Tensor Loss(CausalLanguageModel model, LoraAdapter adapter, Tensor ids)
    {
        var logits = model.Logits(ids, new ForwardOptions { Delta = new AdapterDelta(adapter) });
        return nn.functional.cross_entropy(logits.to_type(ScalarType.Float32).view(-1, logits.shape[^1]), ids.view(-1));
    }
}
