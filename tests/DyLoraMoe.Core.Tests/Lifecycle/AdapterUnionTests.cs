using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Lifecycle;

public sealed class AdapterUnionTests : IDisposable
{
    private readonly CausalLanguageModel _model = TinyModels.Create(ModelFamily.Mistral);
    private readonly LoraAdapter _one;
    private readonly LoraAdapter _other;

    public AdapterUnionTests()
    {
        _one = Loud(new LoraConfig { Rank = 3, Alpha = 6 }, seed: 1);
        _other = Loud(new LoraConfig { Rank = 5, Alpha = 4, UseRsLora = true, TargetModules = ["q_proj", "down_proj"] }, seed: 2);
    }

    [Fact]
    public void The_union_is_the_weighted_sum_of_both_updates_on_every_layer()
    {
        using var union = AdapterUnion.Concatenate([(_one, 0.7), (_other, 1.3)]);

        Assert.Equal(_one.Layers.Keys.Order(StringComparer.Ordinal), union.Layers.Keys.Order(StringComparer.Ordinal));
        foreach (var (path, layer) in union.Layers)
        {
            using var scope = NewDisposeScope();
            var expected = Delta(_one, path, 0.7) + Delta(_other, path, 1.3);
            Assert.InRange(layer.Delta().DistanceTo(expected), 0, 1e-6);
        }
    }

    [Fact]
    public void A_pass_with_the_union_is_a_pass_with_both()
    {
        using var _ = no_grad();
        using var union = AdapterUnion.Concatenate([(_one, 1), (_other, 0.5)]);
        using var bank = new AdapterBank([_one, _other]);
        using var ids = randint(0, 64, [2, 9], generator: new Generator(3, CPU)).to(TestDevice.Current);
        using var both = new AdapterBatch(bank, tensor(new float[,] { { 1, 0.5f }, { 1, 0.5f } }, device: TestDevice.Current), 9);

        using var expected = _model.Logits(ids, new ForwardOptions { Delta = both });
        using var actual = _model.Logits(ids, new ForwardOptions { Delta = new AdapterDelta(union) });

        Assert.InRange(actual.DistanceTo(expected), 0, 1e-4);
    }

    [Fact]
    public void Cutting_to_a_rank_is_the_best_that_the_rank_can_do()
    {
        using var union = AdapterUnion.Concatenate([(_one, 1), (_other, 1)]);

        var cut = AdapterUnion.Truncate(union, 4);

        var (lost, whole) = (0.0, 0.0);
        foreach (var (path, layer) in union.Layers)
        {
            using var scope = NewDisposeScope();
            var full = layer.Delta();
            var (u, s, vh) = linalg.svd(full.to_type(ScalarType.Float64), fullMatrices: false);
            var best = u.narrow(1, 0, 4).matmul(s.narrow(0, 0, 4).diag()).matmul(vh.narrow(0, 0, 4)).to_type(ScalarType.Float32);
            Assert.InRange(cut.Adapter.Layers[path].Delta().DistanceTo(best), 0, 1e-5);
            double[] values = [.. s.data<double>()];
            Assert.All(cut.Tails[path].Zip(values.Skip(4)), pair => Assert.Equal(pair.Second, pair.First, 1e-5));
            lost += Math.Pow((full - cut.Adapter.Layers[path].Delta()).norm().item<float>(), 2);
            whole += Math.Pow(full.norm().item<float>(), 2);
        }

        Assert.Equal(Math.Sqrt(lost / whole), cut.RelativeError, 1e-4);
        Assert.InRange(cut.RelativeError, 0.01, 0.99);
        cut.Adapter.Dispose();
    }

    [Fact]
    public void Cutting_to_the_rank_it_has_loses_nothing()
    {
        using var union = AdapterUnion.Concatenate([(_one, 1), (_other, 1)]);

        var cut = AdapterUnion.Truncate(union, 8);

        Assert.InRange(cut.RelativeError, 0, 1e-6);
        Assert.All(union.Layers, pair => Assert.InRange(cut.Adapter.Layers[pair.Key].Delta().DistanceTo(pair.Value.Delta()), 0, 1e-5));
        cut.Adapter.Dispose();
    }

    [Fact]
    public void A_layer_narrower_than_the_union_is_cut_too()
    {
        using var wide = Loud(new LoraConfig { Rank = 40, TargetModules = ["k_proj"] }, seed: 4);
        using var wider = AdapterUnion.Concatenate([(wide, 1), (_one, 1)]);

        var cut = AdapterUnion.Truncate(wider, 64);

        Assert.Contains(cut.Adapter.Layers.Values, layer => layer.Rank < 64);
        Assert.InRange(cut.RelativeError, 0, 1e-6);
        cut.Adapter.Dispose();
    }

    [Fact]
    public void Similarity_is_the_cosine_of_the_whole_updates()
    {
        var (product, one, other) = (0.0, 0.0, 0.0);
        foreach (var path in _one.Layers.Keys)
        {
            using var scope = NewDisposeScope();
            var (a, b) = (Delta(_one, path, 1).to_type(ScalarType.Float64), Delta(_other, path, 1).to_type(ScalarType.Float64));
            product += (a * b).sum().item<double>();
            one += (a * a).sum().item<double>();
            other += (b * b).sum().item<double>();
        }

        Assert.Equal(product / Math.Sqrt(one * other), AdapterUnion.Similarity(_one, _other), 1e-5);
        Assert.Equal(1, AdapterUnion.Similarity(_one, _one), 1e-9);
        using var opposite = AdapterUnion.Concatenate([(_one, -2)]);
        Assert.Equal(-1, AdapterUnion.Similarity(_one, opposite), 1e-6);
        using var empty = LoraAdapter.Create(_model, new LoraConfig(), seed: 1);
        Assert.Equal(0, AdapterUnion.Similarity(_one, empty));
    }

    [Theory]
    [InlineData(AdapterMode.Full)]
    [InlineData(AdapterMode.Activated)]
    public void Unions_and_cuts_survive_PEFTs_format(AdapterMode mode)
    {
        using var folder = new TemporaryFolder();
        using var left = Loud(new LoraConfig { Rank = 2, Mode = mode, TargetModules = ["q_proj", "up_proj"], LayersToTransform = [0] }, seed: 1);
        using var right = Loud(new LoraConfig { Rank = 3, Mode = mode, TargetModules = ["v_proj", "up_proj"] }, seed: 2);
        using var union = AdapterUnion.Concatenate([(left, 1), (right, 1)]);
        using var cut = AdapterUnion.Truncate(union, 2).Adapter;

        foreach (var adapter in new[] { union, cut })
        {
            PeftFolder.Save(folder[$"{adapter.Config.Rank}"], adapter);
            using var again = PeftFolder.Load(folder[$"{adapter.Config.Rank}"], _model);

            Assert.Equal(mode, again.Config.Mode);
            Assert.Equal(adapter.Layers.Keys.Order(StringComparer.Ordinal), again.Layers.Keys.Order(StringComparer.Ordinal));
            Assert.All(adapter.Layers, pair => Assert.True(pair.Value.Delta().HasBitsOf(again.Layers[pair.Key].Delta())));
        }
    }

    [Fact]
    public void A_union_of_an_adapter_of_the_head_and_one_of_other_layers_survives_PEFTs_format()
    {
        using var folder = new TemporaryFolder();
        using var head = Loud(new LoraConfig { Rank = 2, TargetModules = ["q_proj", "lm_head"] }, seed: 1);
        using var union = AdapterUnion.Concatenate([(head, 1), (_other, 1)]);

        PeftFolder.Save(folder.FullPath, union);
        using var again = PeftFolder.Load(folder.FullPath, _model);

        Assert.Contains(CausalLanguageModel.HeadPath, union.Layers.Keys);
        Assert.Equal(union.Layers.Keys.Order(StringComparer.Ordinal), again.Layers.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Adapters_of_different_modes_are_refused()
    {
        using var activated = Loud(new LoraConfig { Mode = AdapterMode.Activated }, seed: 3);

        Assert.Contains("different positions", Assert.Throws<ArgumentException>(() => AdapterUnion.Concatenate([(_one, 1), (activated, 1)])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => AdapterUnion.Concatenate([]));
    }

    public void Dispose()
    {
        _one.Dispose();
        _other.Dispose();
        _model.Dispose();
    }

    private LoraAdapter Loud(LoraConfig config, long seed)
    {
        var adapter = LoraAdapter.Create(_model, config, seed);
        using var _ = no_grad();
        using var random = new Generator((ulong)seed, CPU);
        foreach (var layer in adapter.Layers.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value))
        {
            using var noise = randn(layer.B.shape, generator: random).to(TestDevice.Current);
            layer.B.add_(noise, 0.1);
        }

        return adapter;
    }

    private static Tensor Delta(LoraAdapter adapter, string path, double weight) =>
        adapter.Layers.TryGetValue(path, out var layer) ? layer.Delta() * weight : zeros(1, device: TestDevice.Current);
}
