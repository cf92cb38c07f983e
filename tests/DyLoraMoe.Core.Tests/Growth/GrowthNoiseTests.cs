using DyLoraMoe.Core.Growth;
using DyLoraMoe.Core.Growth.Operators;
using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Growth;

public sealed class GrowthNoiseTests
{
    [Fact]
    public void Noise_touches_new_weights_only_and_wakes_what_was_dead()
    {
        using var scope = NewDisposeScope();
        using var model = Growths.Model(ModelFamily.Mistral);
        var plan = GrowthPlan.Of(model.Config, new WidenHidden(40, GrowthVariant.ZeroPadded));
        using var exact = plan.Grow(model);
        using var noisy = plan.Grow(model);

        GrowthNoise.Add(noisy, plan, scale: 0.3);

        foreach (var ((name, parameter), (_, quiet)) in noisy.named_parameters().Zip(exact.named_parameters()))
        {
            var isNew = plan.IsNew(name).to(parameter.device);
            Assert.Equal(0, ((parameter - quiet) * isNew.logical_not()).abs().max().item<float>());
            Assert.True(((parameter - quiet) * isNew).abs().max().item<float>() > 0, name);
        }

        Assert.InRange(Growths.Difference(model, noisy, Growths.AllIds(64, 4)), 1e-3, 10);
        var alive = Growths.Alive(noisy, 2, Growths.AllIds(64, 4));
        Assert.InRange(Growths.Share(alive[^1].Select(pair => (plan.IsNew(pair.Key), pair.Value))), 0.99, 1);
    }

    [Fact]
    public void Noise_reaches_what_inserted_layers_write_by()
    {
        using var scope = NewDisposeScope();
        using var model = Growths.Model(ModelFamily.Mistral);
        var plan = GrowthPlan.Of(model.Config, new InsertLayers(1), new WidenFeedForward(model.Config.IntermediateSize + 10), new InsertLayers(0));
        using var exact = plan.Grow(model);
        using var noisy = plan.Grow(model);

        GrowthNoise.Add(noisy, plan, scale: 0.3);

        var (before, after, old) = (Named(exact), Named(noisy), Named(model));
        foreach (var (name, source) in new[] { ("model.layers.0.", "model.layers.0."), ("model.layers.2.", "model.layers.0.") })
        {
            foreach (var writer in new[] { "self_attn.o_proj.weight", "mlp.down_proj.weight" })
            {
                Assert.Equal(0, before[name + writer].abs().max().item<float>());
                Assert.Equal(0.3 * old[source + writer].std().item<float>(), after[name + writer].std().item<float>(), 0.04 * old[source + writer].std().item<float>());
            }
        }

        Assert.InRange(Growths.Difference(model, noisy, Growths.AllIds(64, 4)), 1e-3, 10);

        static Dictionary<string, Tensor> Named(CausalLanguageModel model) => model.named_parameters().ToDictionary(pair => pair.name, pair => (Tensor)pair.parameter);
    }
}
