using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Growth.Infinite;
using DyLoraMoe.Core.Growth.Optimizer;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Growth.Infinite;

public class InfiniteBodyTests
{
    private static readonly TrainingOptions Options = TrainingOptions.Pretraining with { Rows = 2, Context = 16 };

    private static readonly PackedBatch Batch = PackedBatch.OfWindows(TinyData.Stream(200), [0, 40], 16);

    [Theory]
    [InlineData(UnitAxis.FeedForward, ModelFamily.Llama)]
    [InlineData(UnitAxis.Depth, ModelFamily.Mistral)]
    [InlineData(UnitAxis.Heads, ModelFamily.Qwen2)]
    [InlineData(UnitAxis.Heads, ModelFamily.Gemma)]
    public void Units_that_come_change_nothing_and_go_again_without_a_trace(UnitAxis axis, ModelFamily family)
    {
        using var body = new InfiniteModelBody(TinyModels.Create(family), Options, teacher: null);
        body.Learn(Batch, Batch.LossTokens);
        body.Step.Apply(1e-3);
        using var ids = tensor(Batch.InputIds, [2, 16]);
        using var before = body.Model.Logits(ids, ForwardOptions.Plain);
        var (size, moments) = (body.SizeOf(axis), Squares(body.Step));

        body.Resize(axis, [.. Enumerable.Range(0, size)], added: 3, seed: 1);

        using var larger = body.Model.Logits(ids, ForwardOptions.Plain);
        Assert.Equal(size + 3, body.SizeOf(axis));
        Assert.True((before - larger).abs().max().item<float>() < 1e-4);
        Assert.Equal(moments, Squares(body.Step), 1e-9);

        body.Resize(axis, [.. Enumerable.Range(0, size)], added: 0, seed: 1);

        using var again = body.Model.Logits(ids, ForwardOptions.Plain);
        Assert.Equal(size, body.SizeOf(axis));
        Assert.True((before - again).abs().max().item<float>() < 1e-4);
        Assert.Equal(moments, Squares(body.Step), 1e-9);
        body.Dispose();
        body.Model.Dispose();
    }

    [Fact]
    public void Ranks_that_come_change_nothing_and_go_again_without_a_trace()
    {
        using var backbone = TinyModels.Create();
        var expert = LoraAdapter.Create(backbone, new LoraConfig { Rank = 3, Alpha = 6, Mode = AdapterMode.Full }, seed: 1);
        using var body = new InfiniteExpertBody(backbone, expert, Options, teacher: null);
        for (var step = 0; step < 3; step++)
        {
            body.Learn(Batch, Batch.LossTokens);
            body.Step.Apply(1e-2);
        }

        using var ids = tensor(Batch.InputIds, [2, 16]);
        using var before = backbone.Logits(ids, new ForwardOptions { Delta = new AdapterDelta(body.Adapter) });
        var moments = Squares(body.Step);

        body.Resize(UnitAxis.Rank, [0, 1, 2], added: 4, seed: 1);

        using var larger = backbone.Logits(ids, new ForwardOptions { Delta = new AdapterDelta(body.Adapter) });
        Assert.Equal(7, body.SizeOf(UnitAxis.Rank));
        Assert.True((before - larger).abs().max().item<float>() < 1e-4);
        Assert.Equal(moments, Squares(body.Step), 1e-9);

        body.Resize(UnitAxis.Rank, [2, 0, 1], added: 0, seed: 1);

        using var again = backbone.Logits(ids, new ForwardOptions { Delta = new AdapterDelta(body.Adapter) });
        Assert.Equal(3, body.Adapter.Config.Rank);
        Assert.Equal(6, body.Adapter.Config.Alpha, 1e-9);
        Assert.Empty(body.Adapter.Config.AlphaPattern);
        Assert.True((before - again).abs().max().item<float>() < 1e-4);
        body.Dispose();
        body.Adapter.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_size_taken_from_a_checkpoint_has_the_windows_of_the_layers_that_came_and_went(bool isListed)
    {
        var config = TinyModels.Config(ModelFamily.Mistral) with { Layers = 4, FirstSlidingLayer = 2, SlidingLayers = isListed ? [true, false, false, true] : null };
        using var body = new InfiniteModelBody(TinyModels.Create(config), Options, teacher: null);
        using var resumed = new InfiniteModelBody(TinyModels.Create(config), Options, teacher: null);
        body.Resize(UnitAxis.Depth, [0, 2], added: 0, seed: 1);
        body.Resize(UnitAxis.Depth, [0, 1], added: 1, seed: 1);

        resumed.SetSize(new Dictionary<UnitAxis, int> { [UnitAxis.Depth] = 3 }, body.Windows);

        Assert.Equal(Enumerable.Range(0, 3).Select(body.Model.Config.WindowOf), Enumerable.Range(0, 3).Select(resumed.Model.Config.WindowOf));
        body.Dispose();
        body.Model.Dispose();
        resumed.Model.Dispose();
    }

    [Fact]
    public void Axes_that_a_network_does_not_have_are_refused()
    {
        using var backbone = TinyModels.Create();
        var adapter = LoraAdapter.Create(backbone, new LoraConfig { Rank = 2 }, seed: 1);
        using var expert = new InfiniteExpertBody(backbone, adapter, Options, teacher: null);
        using var model = new InfiniteModelBody(backbone, Options, teacher: null);

        Assert.Contains("rank", Assert.Throws<ArgumentException>(() => expert.SizeOf(UnitAxis.Depth)).Message, StringComparison.Ordinal);
        Assert.Contains("expert", Assert.Throws<ArgumentException>(() => model.SizeOf(UnitAxis.Rank)).Message, StringComparison.Ordinal);
        Assert.Contains("0 to 1", Assert.Throws<ArgumentException>(() => adapter.Keep([2])).Message, StringComparison.Ordinal);
        expert.Dispose();
        model.Dispose();
        adapter.Dispose();
    }

    private static double Squares(TrainingStep step)
    {
        using var _ = no_grad();
        return GrownMoments.Memories(step).Values.Sum(memory => memory.Tensors[1].Tensor.to_type(ScalarType.Float64).sum().item<double>());
    }
}
