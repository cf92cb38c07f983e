using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Testing;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Novelty;

public class GradientProbeTests
{
    [Theory]
    [InlineData(ModelFamily.Llama)]
    [InlineData(ModelFamily.Qwen2)]
    public void The_gradient_is_that_of_a_real_probe_adapter_sample_by_sample(ModelFamily family)
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Create(family);
        using var probe = new GradientProbe(model, new GradientOptions { Layers = ["model.layers.0.mlp.down_proj", "model.layers.1.self_attn.o_proj"], Rank = 3 });
        var samples = TinyData.Shifted(9);

        var actual = probe.Unprojected(samples);

        for (var index = 0; index < samples.Length; index++)
        {
            foreach (var (layer, expected) in ByAutograd(model, probe, samples[index], actual[index].Keys))
            {
                TensorAssert.Close(expected, actual[index][layer], 1e-5);
                Assert.True(expected.abs().max().item<float>() > 1e-3);
            }
        }
    }

    [Fact]
    public void The_batch_does_not_show_and_only_the_answer_counts()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Create();
        using var probe = new GradientProbe(model);
        var samples = TinyData.Shifted(6);

        var together = probe.Of(samples);
        var alone = probe.Of([samples[2]]);
        var everything = probe.Of([samples[2] with { LossStart = 0 }]);

        Assert.Equal([6L, 48], together.shape);
        TensorAssert.Close(alone[0], together[2], 1e-5);
        TensorAssert.Same(alone, everything);
    }

    [Fact]
    public void A_sample_without_answer_has_no_gradient_and_weights_get_none()
    {
        using var scope = NewDisposeScope();
        using var model = TinyModels.Create();
        model.Unfreeze();
        using var probe = new GradientProbe(model);

        var gradients = probe.Of([new TokenizedSample([1, 9, 4], 3, 3, 2)]);

        Assert.Equal(0, gradients.abs().max().item<float>());
        probe.Of(TinyData.Shifted(2)).Dispose();
        Assert.All(model.parameters(), parameter => Assert.Null(parameter.grad));
    }

    [Fact]
    public void An_unknown_layer_is_refused_by_name()
    {
        using var model = TinyModels.Create();

        Assert.Contains("mlp.nowhere", Assert.Throws<ModelFormatException>(() => new GradientProbe(model, new GradientOptions { Layers = ["mlp.nowhere"] })).Message, StringComparison.Ordinal);
    }

    private static List<(string Layer, Tensor Gradient)> ByAutograd(CausalLanguageModel model, GradientProbe probe, TokenizedSample sample, IEnumerable<string> layers)
    {
        var factors = layers.ToDictionary(
            layer => layer,
            layer => new LoraWeights(
                new Parameter(probe.Down(layer).clone(), requires_grad: false),
                new Parameter(zeros([model.Projections[layer].Outputs, 3], device: TestDevice.Current)),
                1));
        using var adapter = new LoraAdapter(new LoraConfig { Rank = 3, Alpha = 3 }, factors);
        var ids = tensor(sample.Ids[..^1], [1, sample.Ids.Length - 1], dtype: ScalarType.Int64, device: TestDevice.Current);
        var logits = model.Logits(ids, new ForwardOptions { Delta = new AdapterDelta(adapter) })[0][(sample.AnswerStart - 1)..];
        var loss = nn.functional.cross_entropy(logits, tensor(sample.Ids[sample.AnswerStart..], dtype: ScalarType.Int64, device: TestDevice.Current));
        var gradients = autograd.grad([loss], [.. factors.Values.Select(factor => (Tensor)factor.B)]);
        return [.. factors.Keys.Zip(gradients)];
    }
}
