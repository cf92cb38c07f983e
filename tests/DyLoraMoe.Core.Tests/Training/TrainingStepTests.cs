using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Training;

public class TrainingStepTests
{
    private static readonly TrainingOptions Options = new() { Rows = 4, Context = 32, ClipNorm = null };

    [Theory]
    [InlineData(1e-3)]
    [InlineData(3e-2)]
    public void The_optimizer_gets_the_rates_of_the_options_as_they_are(double rate)
    {
        // AdamW's first step moves every weight by the rate itself, wherever the gradient is far above epsilon. A scheduler that
        // multiplies a base rate by an absolute one would move it by their product.
        using var model = TinyModels.Create();
        using var step = TrainingStep.OfModel(model, Options);
        var before = Copies(step);

        step.Take(Batches(TinyData.Shifted(16)), rate);

        var largest = step.Parameters.Zip(before, (pair, old) => pair.Parameter.DistanceTo(old)).Max();
        Assert.Equal(rate, largest, rate * 1e-3);
    }

    [Fact]
    public void Rates_can_change_from_step_to_step()
    {
        using var model = TinyModels.Create();
        using var step = TrainingStep.OfModel(model, Options);
        step.Take(Batches(TinyData.Shifted(16)), 1e-3);
        var before = Copies(step);

        step.Take(Batches(TinyData.Shifted(16)), 0);

        AssertSame(before, Copies(step));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Several_batches_give_the_gradient_of_one(bool packed)
    {
        using var model = TinyModels.Create();
        using var step = TrainingStep.OfModel(model, Options);
        var samples = TinyData.Shifted(12);
        var lossTokens = samples.Sum(sample => sample.LossTokens);

        var whole = Gradients(step, () => step.Accumulate(Batch(samples, packed), lossTokens));
        var parts = Gradients(step, () =>
        {
            // Unequal parts, whose means would not average to the mean of all.
            step.Accumulate(Batch(samples[..2], packed), lossTokens);
            step.Accumulate(Batch(samples[2..5], packed), lossTokens);
            step.Accumulate(Batch(samples[5..], packed), lossTokens);
        });

        AssertClose(whole, parts, 1e-5);
    }

    [Fact]
    public void Packing_changes_neither_loss_nor_gradient()
    {
        using var model = TinyModels.Create();
        using var step = TrainingStep.OfModel(model, Options);
        var samples = TinyData.Shifted(9);
        var lossTokens = samples.Sum(sample => sample.LossTokens);

        var apart = Gradients(step, () => step.Accumulate(Batch(samples, packed: false), lossTokens));
        step.Apply(0);
        var lossApart = step.TakeLoss();
        var together = Gradients(step, () => step.Accumulate(Batch(samples, packed: true), lossTokens));
        step.Apply(0);

        AssertClose(apart, together, 1e-5);
        Assert.Equal(lossApart!.Value, step.TakeLoss()!.Value, 1e-5);
    }

    [Theory]
    [InlineData(ModelFamily.Llama)]
    [InlineData(ModelFamily.Qwen3)]
    public void Answer_only_loss_is_cross_entropy_over_all_logits_with_prompts_ignored(ModelFamily family)
    {
        using var model = TinyModels.Create(family);
        using var step = TrainingStep.OfModel(model, Options);
        var batch = Batch(TinyData.Shifted(5), packed: false);

        var ours = Gradients(step, () => step.Accumulate(batch, batch.LossTokens));
        var reference = Gradients(step, () =>
        {
            using var scope = NewDisposeScope();
            var logits = model.forward(tensor(batch.InputIds, [batch.Rows, batch.Length], device: TestDevice.Current));
            nn.functional.cross_entropy(logits.view(-1, logits.shape[^1]), tensor(batch.Targets, device: TestDevice.Current), ignore_index: PackedBatch.IgnoredTarget).backward();
        });

        AssertClose(reference, ours, 1e-5);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Gradient_checkpointing_changes_no_gradient(bool expert)
    {
        using var model = TinyModels.Create();
        using var adapter = expert ? Warm(LoraAdapter.Create(model, new LoraConfig { Mode = AdapterMode.Activated }, seed: 1)) : null;
        var batch = Batch(TinyData.Shifted(5), packed: true);

        var plain = GradientsWith(checkpointing: false);
        var checkpointed = GradientsWith(checkpointing: true);

        AssertClose(plain, checkpointed, 1e-6);

        Tensor[] GradientsWith(bool checkpointing)
        {
            var options = Options with { GradientCheckpointing = checkpointing };
            using var step = adapter is null ? TrainingStep.OfModel(model, options) : TrainingStep.OfExpert(model, adapter, options);
            return Gradients(step, () => step.Accumulate(batch, batch.LossTokens));
        }
    }

    [Theory]
    [InlineData(true, 0.1, false)]
    [InlineData(true, 0, true)]
    [InlineData(false, 0.1, true)]
    public void Dropout_that_cannot_be_drawn_twice_is_refused_with_gradient_checkpointing(bool checkpointing, double dropout, bool isPossible)
    {
        using var weights = new RandomWeights(TinyModels.Config(), seed: 1, device: META);
        using var model = new CausalLanguageModel(TinyModels.Config(), weights);
        using var adapter = LoraAdapter.Create(model, new LoraConfig { Dropout = dropout }, seed: 1);

        var error = Record.Exception(() => TrainingStep.OfExpert(model, adapter, Options with { GradientCheckpointing = checkpointing }).Dispose());

        Assert.Equal(isPossible, error is null);
        Assert.True(isPossible || error is NotSupportedException && error.Message.Contains("the dropout is 0.1", StringComparison.Ordinal), error?.ToString());
    }

    [Theory]
    [InlineData(AdapterMode.Full)]
    [InlineData(AdapterMode.Activated)]
    public void Training_an_expert_leaves_the_backbone_as_it_was_bit_for_bit(AdapterMode mode)
    {
        using var model = TinyModels.Create();
        using var adapter = LoraAdapter.Create(model, new LoraConfig { Mode = mode }, seed: 1);
        using var step = TrainingStep.OfExpert(model, adapter, Options with { WeightDecay = 0.1 });
        var before = model.parameters().Select(parameter => parameter.detach().clone()).ToArray();

        for (var i = 0; i < 5; i++)
        {
            step.Take(Batches(TinyData.Shifted(16)), 1e-2);
        }

        AssertSame(before, [.. model.parameters()]);
        Assert.All(model.parameters(), parameter => Assert.Null(parameter.grad));
        Assert.All(adapter.Layers.Values, layer => Assert.NotEqual(0, layer.B.abs().max().item<float>()));
    }

    [Fact]
    public void An_adapter_of_an_untied_head_trains_from_the_invocation_point_on()
    {
        using var model = TinyModels.Create(ModelFamily.Qwen3);
        using var adapter = Warm(LoraAdapter.Create(model, new LoraConfig { Mode = AdapterMode.Activated, AdaptHead = true }, seed: 1));
        using var step = TrainingStep.OfExpert(model, adapter, Options);
        var batch = Batch(TinyData.Shifted(5, loss: LossOn.Everything), packed: false);

        var ours = Gradients(step, () => step.Accumulate(batch, batch.LossTokens));
        var reference = Gradients(step, () =>
        {
            using var scope = NewDisposeScope();
            var active = tensor(batch.Activated, [batch.Rows, batch.Length], device: TestDevice.Current);
            var logits = model.Logits(tensor(batch.InputIds, [batch.Rows, batch.Length], device: TestDevice.Current), new ForwardOptions { Delta = new AdapterDelta(adapter, active) });
            nn.functional.cross_entropy(logits.view(-1, logits.shape[^1]), tensor(batch.Targets, device: TestDevice.Current), ignore_index: PackedBatch.IgnoredTarget).backward();
        });

        AssertClose(reference, ours, 1e-5);
    }

    [Fact]
    public void A_gradient_longer_than_the_limit_is_scaled_down_to_it()
    {
        using var model = TinyModels.Create();
        using var free = TrainingStep.OfModel(model, Options with { ClipNorm = 1e9 });
        free.Take(Batches(TinyData.Shifted(16)), 0);

        Assert.True(free.GradientNorm > 0.01);

        // AdamW without memory of squares is blind to scale, so the clipped gradient is looked at in its first moment.
        using var clipped = TrainingStep.OfModel(model, Options with { ClipNorm = 0.001, Beta1 = 0 });
        clipped.Take(Batches(TinyData.Shifted(16)), 0);
        Assert.Equal(free.GradientNorm.Value, clipped.GradientNorm!.Value, 1e-4);
        var squares = clipped.Optimizer.Memories.Sum(memory => memory.Tensors[0].Tensor.square().sum().item<float>());
        Assert.Equal(0.001, Math.Sqrt(squares), 1e-5);
    }

    [Fact]
    public void Weights_in_a_short_type_are_refused()
    {
        using var weights = new RandomWeights(TinyModels.Config(), seed: 1, ScalarType.BFloat16, TestDevice.Current);
        using var model = new CausalLanguageModel(TinyModels.Config(), weights);

        Assert.Contains("float32", Assert.Throws<ArgumentException>(() => TrainingStep.OfModel(model, Options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_float32_expert_trains_on_a_bfloat16_backbone()
    {
        using var weights = new RandomWeights(TinyModels.Config(), seed: 1, ScalarType.BFloat16, TestDevice.Current);
        using var model = new CausalLanguageModel(TinyModels.Config(), weights);
        using var adapter = LoraAdapter.Create(model, new LoraConfig(), seed: 1);
        using var step = TrainingStep.OfExpert(model, adapter, Options with { Backbone = ScalarType.BFloat16 });
        var losses = new List<double>();

        for (var i = 0; i < 30; i++)
        {
            step.Take(Batches(TinyData.Shifted(16)), 1e-2);
            losses.Add(step.TakeLoss()!.Value);
        }

        Assert.True(losses[^1] < losses[0] - 0.2, $"{losses[0]} -> {losses[^1]}");
    }

    [Theory]
    [InlineData(AdapterMode.Activated, GradientScope.Everywhere)]
    [InlineData(AdapterMode.Activated, GradientScope.DetachedContext)]
    [InlineData(AdapterMode.Full, GradientScope.DetachedContext)]
    [InlineData(AdapterMode.Full, GradientScope.DetachedContextQueries)]
    public void Steps_leave_no_tensor_behind(AdapterMode mode, GradientScope gradient)
    {
        using var model = TinyModels.Create();
        using var adapter = LoraAdapter.Create(model, new LoraConfig { Mode = mode, Dropout = 0.1 }, seed: 1);
        using var step = TrainingStep.OfExpert(model, adapter, Options with { ClipNorm = 1, Gradient = gradient });
        step.Take(Batches(TinyData.Shifted(16)), 1e-3);
        var before = DisposeScopeManager.Statistics;
        var live = before.TensorStatistics.ThreadTotalLiveCount;

        for (var i = 0; i < 5; i++)
        {
            step.Take(Batches(TinyData.Shifted(16)), 1e-3);
        }

        Assert.Equal(live, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    // B of a new adapter is zero, which would hide errors in the gradient of A.
    internal static LoraAdapter Warm(LoraAdapter adapter)
    {
        using var _ = no_grad();
        using var random = new Generator(5, CPU);
        foreach (var (_, layer) in adapter.Layers.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            using var values = randn(layer.B.shape, generator: random) * 0.1;
            layer.B.copy_(values);
        }

        return adapter;
    }

    private static MicroBatches Batches(TokenizedSample[] samples) =>
        MicroBatches.Take(new SampleBatchSource(samples, new BatchOptions { Rows = 4, RowLength = 32 }), 1);

    private static PackedBatch Batch(TokenizedSample[] samples, bool packed)
    {
        var all = Enumerable.Range(0, samples.Length).ToArray();
        return PackedBatch.Of(samples, packed ? Packer.Pack(samples, all, 32) : Packer.OnePerRow(samples, all, 32), 32);
    }

    private static Tensor[] Gradients(TrainingStep step, Action backward)
    {
        foreach (var (_, parameter) in step.Parameters)
        {
            parameter.grad = null;
        }

        backward();
        return [.. step.Parameters.Select(pair => pair.Parameter.grad!.clone())];
    }

    private static Tensor[] Copies(TrainingStep step) => [.. step.Parameters.Select(pair => pair.Parameter.detach().clone())];

    private static void AssertSame(Tensor[] expected, Tensor[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(expected[i].HasBitsOf(actual[i]), $"weight {i} differs");
        }
    }

    private static void AssertClose(Tensor[] expected, Tensor[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            var difference = expected[i].DistanceTo(actual[i]);
            Assert.True(difference <= tolerance, $"tensor {i} differs by {difference}, allowed {tolerance}");
        }
    }
}
