using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Tests.Models;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Adapters;

public sealed class AdapterBatchTests : IDisposable
{
    private readonly CausalLanguageModel _model = TinyModels.Create(ModelFamily.Qwen2);
    private readonly LoraAdapter _wide;
    private readonly LoraAdapter _narrow;
    private readonly LoraAdapter _activated;
    private readonly AdapterBank _bank;

    public AdapterBatchTests()
    {
        _wide = LoraAdapterTests.Trained(_model, new LoraConfig { Rank = 8 }, seed: 1);
        _narrow = LoraAdapterTests.Trained(_model, new LoraConfig { Rank = 2, Alpha = 6, TargetModules = ["q_proj", "down_proj"] }, seed: 2);
        _activated = LoraAdapterTests.Trained(_model, new LoraConfig { Rank = 4, Mode = AdapterMode.Activated }, seed: 3);
        _bank = new AdapterBank([_wide, _narrow, _activated]);
    }

    public void Dispose()
    {
        _bank.Dispose();
        _wide.Dispose();
        _narrow.Dispose();
        _activated.Dispose();
        _model.Dispose();
    }

    [Fact]
    public void Every_row_gets_its_own_adapter_in_one_pass()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var ids = CausalLanguageModelTests.RandomIds(4, 6);

        var together = Run(ids, new float[,] { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 0 }, { 0, 0, 1 } });

        TensorAssert.Close(Alone(ids, 0, _wide), together[0]);
        TensorAssert.Close(Alone(ids, 1, _narrow), together[1]);
        TensorAssert.Close(_model.call(ids)[2], together[2]);
        TensorAssert.Close(Alone(ids, 3, _activated), together[3]);
    }

    [Theory]
    [InlineData(6, true)]
    [InlineData(1, false)]
    public void One_adapter_a_row_computes_what_the_product_with_all_computes(long tokens, bool hasMask)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var ids = CausalLanguageModelTests.RandomIds(5, tokens);
        var weights = tensor(new float[,] { { 0, 0, 1 }, { 0, 0, 1 }, { 0, 0, 0 }, { 0.7f, 0, 0 }, { 0, 1, 0 } }, device: TestDevice.Current);
        var active = hasMask ? InvocationPoint.Mask([4, InvocationPoint.Never, 0, 3, 2], tokens, TestDevice.Current) : null;
        using var chosen = new AdapterBatch(_bank, weights, tokens, active);
        using var all = new AdapterBatch(_bank, weights.clone().requires_grad_(true), tokens, active);

        TensorAssert.Close(_model.Logits(ids, new ForwardOptions { Delta = all }), _model.Logits(ids, new ForwardOptions { Delta = chosen }), 1e-5);
    }

    [Fact]
    public void Runs_join_neighbours_and_are_given_up_where_rows_mix_or_change_too_often()
    {
        using var scope = NewDisposeScope();
        float[,] pure = { { 0, 1 }, { 0, 0.5f }, { 0, 0 }, { 1, 0 } };

        Assert.Equal([new AdapterRun(1, 0, 20), new AdapterRun(0, 30, 10)], AdapterRun.Of(tensor(pure), 10, 4)!);
        Assert.Null(AdapterRun.Of(tensor(pure), 1, 4));
        Assert.Null(AdapterRun.Of(tensor(new float[,] { { 0.5f, 0.5f } }), 10, 4));
        Assert.Empty(AdapterRun.Of(zeros(2, 2), 10, 4)!);
    }

    [Fact]
    public void A_mixture_is_the_weighted_sum_of_the_updates()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var ids = CausalLanguageModelTests.RandomIds(1, 6);

        var mixed = Run(ids, new float[,] { { 0.25f, 0.5f, 0 } });
        AddScaled(_wide, 0.25);
        AddScaled(_narrow, 0.5);

        TensorAssert.Close(_model.call(ids), mixed, 1e-4);
    }

    [Fact]
    public void Before_its_invocation_point_an_activated_adapter_leaves_no_trace()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var ids = CausalLanguageModelTests.RandomIds(2, 8);
        var active = InvocationPoint.Mask([5, InvocationPoint.Never], 8, TestDevice.Current);
        using var cache = new KeyValueCache(2);

        var logits = _model.Logits(ids, new ForwardOptions { Delta = new AdapterDelta(_activated, active), Cache = cache });

        var bare = _model.call(ids);
        TensorAssert.Same(bare[0, ..5], logits[0, ..5]);
        Assert.NotEqual(0, TensorAssert.LargestDifference(bare[0, 5], logits[0, 5]));
        TensorAssert.Same(bare[1], logits[1]);
    }

    [Fact]
    public void In_a_batch_the_mask_holds_back_activated_adapters_only()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var ids = CausalLanguageModelTests.RandomIds(2, 8);
        var active = InvocationPoint.Mask([5, 5], 8, TestDevice.Current);

        var together = Run(ids, new float[,] { { 1, 0, 0 }, { 0, 0, 1 } }, active);

        TensorAssert.Close(Alone(ids, 0, _wide), together[0]);
        TensorAssert.Close(_model.Logits(ids, new ForwardOptions { Delta = new AdapterDelta(_activated, active) })[1], together[1]);
    }

    [Fact]
    public void The_gradient_of_the_loss_reaches_the_weights()
    {
        using var scope = NewDisposeScope();
        var ids = CausalLanguageModelTests.RandomIds(2, 6);
        var weights = tensor(new float[,] { { 1, 0, 0 }, { 0.5f, 0.5f, 0 } }, device: TestDevice.Current).requires_grad_(true);
        using var batch = new AdapterBatch(_bank, weights, 6);

        nn.functional.cross_entropy(_model.Logits(ids, new ForwardOptions { Delta = batch }).view(-1, 64), ids.view(-1)).backward();

        Assert.True(weights.grad!.abs().min().item<float>() > 0);
    }

    [Fact]
    public void Weights_for_another_number_of_adapters_are_refused()
    {
        using var scope = NewDisposeScope();

        var error = Assert.Throws<ArgumentException>(() => new AdapterBatch(_bank, ones(2, 4, device: TestDevice.Current), 6));

        Assert.Contains("3 adapters", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new[] { 5, 6 }, new[] { 1, 5, 6, 9, 5, 6, 3 }, 4)]
    [InlineData(new[] { 5, 6 }, new[] { 1, 5, 9 }, InvocationPoint.Never)]
    [InlineData(new[] { 5 }, new[] { 5, 1 }, 0)]
    public void The_invocation_point_is_the_start_of_the_last_invocation(int[] invocation, int[] prompt, int expected)
    {
        var config = new LoraConfig { Mode = AdapterMode.Activated, InvocationTokens = invocation };

        Assert.Equal(expected, InvocationPoint.Of(config, prompt, prompt.Length));
    }

    [Fact]
    public void Without_invocation_tokens_the_last_prompt_token_invokes()
    {
        Assert.Equal(2, InvocationPoint.Of(new LoraConfig { Mode = AdapterMode.Activated }, [4, 5, 6, 7, 8], answerStart: 3));
        Assert.Equal(0, InvocationPoint.Of(new LoraConfig { Mode = AdapterMode.Full }, [4, 5, 6, 7, 8], answerStart: 3));
    }

    private Tensor Run(Tensor ids, float[,] weights, Tensor? active = null)
    {
        using var batch = new AdapterBatch(_bank, tensor(weights, device: TestDevice.Current), ids.shape[1], active);
        return _model.Logits(ids, new ForwardOptions { Delta = batch });
    }

    private Tensor Alone(Tensor ids, long row, LoraAdapter adapter) =>
        _model.Logits(ids.narrow(0, row, 1), new ForwardOptions { Delta = new AdapterDelta(adapter) })[0];

    private void AddScaled(LoraAdapter adapter, double weight)
    {
        foreach (var (path, layer) in adapter.Layers)
        {
            _model.Projections[path].Weight.add_(layer.Delta() * weight);
        }
    }
}
