using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Routing;
using DyLoraMoe.Core.Tests.Models;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Routing;

public sealed class ReferenceMixtureTests : IDisposable
{
    private readonly CausalLanguageModel _model = TinyModels.Create(ModelFamily.Qwen2);
    private readonly List<LoraAdapter> _experts;

    public ReferenceMixtureTests() => _experts = [LoraAdapters.Trained(_model, 1), LoraAdapters.Trained(_model, 2)];

    public void Dispose()
    {
        _experts.ForEach(expert => expert.Dispose());
        _model.Dispose();
    }

    [Fact]
    public void With_one_expert_a_row_it_is_the_pass_with_deltas()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (ids, weights) = (CausalLanguageModelTests.RandomIds(3, 7), tensor(new float[,] { { 1, 0 }, { 0, 1 }, { 0, 0 } }, device: TestDevice.Current));
        using var bank = new AdapterBank(_experts);
        using var batch = new AdapterBatch(bank, weights, 7);
        var reference = new ReferenceMixture(_model, _experts);

        TensorAssert.Close(_model.Logits(ids, new ForwardOptions { Delta = batch }), reference.Logits(ids, weights), 1e-4);
        Assert.Equal(3, reference.Passes);
    }

    [Fact]
    public void A_mixture_is_the_weighted_mean_of_whole_passes()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var ids = CausalLanguageModelTests.RandomIds(1, 5);
        var alone = _experts.ConvertAll(expert => _model.Logits(ids, new ForwardOptions { Delta = new AdapterDelta(expert) }));

        var mixed = new ReferenceMixture(_model, _experts).Logits(ids, tensor(new float[,] { { 0.5f, 0.2f } }, device: TestDevice.Current));

        TensorAssert.Close((_model.call(ids) * 0.3) + (alone[0] * 0.5) + (alone[1] * 0.2), mixed, 1e-4);
    }

    [Fact]
    public void Experts_that_change_nothing_leave_the_backbone_in_both()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (ids, weights) = (CausalLanguageModelTests.RandomIds(2, 6), tensor(new float[,] { { 0.3f, 0.3f }, { 1, 0 } }, device: TestDevice.Current));
        var fresh = new[] { LoraAdapter.Create(_model, new LoraConfig(), 1), LoraAdapter.Create(_model, new LoraConfig(), 2) };
        using var bank = new AdapterBank(fresh);
        using var batch = new AdapterBatch(bank, weights, 6);

        TensorAssert.Close(_model.call(ids), _model.Logits(ids, new ForwardOptions { Delta = batch }), 1e-6);
        TensorAssert.Close(_model.call(ids), new ReferenceMixture(_model, fresh).Logits(ids, weights), 1e-5);
    }

    [Fact]
    public void The_weights_can_be_made_from_the_bare_backbones_states()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var ids = CausalLanguageModelTests.RandomIds(2, 6);
        Tensor? seen = null;

        new ReferenceMixture(_model, _experts).Logits(ids, hidden =>
        {
            seen = hidden.clone().DetachFromDisposeScope();
            return zeros(2, 2, device: TestDevice.Current);
        });

        TensorAssert.Same(_model.Encode(ids, ForwardOptions.Plain), seen!);
        seen!.Dispose();
    }

    [Fact]
    public void Weights_of_another_shape_are_refused()
    {
        using var scope = NewDisposeScope();
        var reference = new ReferenceMixture(_model, _experts);

        Assert.Contains("(1 rows, 2 experts)", Assert.Throws<ArgumentException>(() => reference.Logits(CausalLanguageModelTests.RandomIds(1, 3), ones(2, 2))).Message, StringComparison.Ordinal);
    }
}
