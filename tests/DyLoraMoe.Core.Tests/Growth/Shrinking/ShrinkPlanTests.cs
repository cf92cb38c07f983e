using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Growth;
using DyLoraMoe.Core.Growth.Operators;
using DyLoraMoe.Core.Growth.Shrinking;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Tests.Models;
using DyLoraMoe.Core.Training.Distillation;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Growth.Shrinking;

public sealed class ShrinkPlanTests
{
    private static readonly EvaluationSet _text = EvaluationSet.OfSamples(TeachingText.Random(64, 8, 16));

    [Theory]
    [MemberData(nameof(CausalLanguageModelTests.Families), MemberType = typeof(CausalLanguageModelTests))]
    public void What_growth_added_and_nothing_uses_yet_is_taken_away_without_a_trace(ModelFamily family) => TakeAway(TinyModels.Config(family));

    [Fact]
    public void Biases_of_normalised_queries_and_keys_go_back_to_what_they_were() => TakeAway(TinyModels.Config(ModelFamily.Qwen3) with { QkvBias = true });

    private static void TakeAway(ModelConfig shape)
    {
        using var scope = NewDisposeScope();
        using var model = Growths.Model(shape);
        var config = model.Config;
        using var grown = GrowthPlan.Of(
            config, new InsertLayers(1), new WidenHidden(40), new WidenFeedForward(60), new AddKeyValueGroups(2), new InsertLayers(0, Start: LayerStart.Neighbour)).Grow(model);

        var plan = ShrinkPlan.Of(grown.Config, UnitImportance.Of(grown, _text), new ShrinkOptions
        {
            Layers = config.Layers,
            Hidden = config.HiddenSize,
            FeedForward = config.IntermediateSize,
            KeyValueHeads = config.KeyValueHeads,
        });
        using var again = plan.Grow(grown);

        Assert.Equal(config with { NormEpsilon = 0 }, again.Config with { NormEpsilon = 0, EosTokenIds = config.EosTokenIds });
        Assert.Equal(config.NormEpsilon, again.Config.NormEpsilon, 1e-12);
        Assert.InRange(Growths.Difference(model, again, CausalLanguageModelTests.RandomIds(2, 12)), 0, Growths.Tolerance);
        Assert.False(plan.IsExact);
    }

    [Fact]
    public void The_units_that_stay_are_the_most_important_ones_of_their_layer()
    {
        using var scope = NewDisposeScope();
        using var model = Growths.Model();
        using (no_grad())
        {
            model.named_parameters().Single(pair => pair.name == "model.layers.0.mlp.down_proj.weight").parameter[.., ..40].zero_();
            model.named_parameters().Single(pair => pair.name == "model.layers.1.mlp.down_proj.weight").parameter[.., 8..].zero_();
        }

        var plan = ShrinkPlan.Of(model.Config, UnitImportance.Of(model, _text), new ShrinkOptions { FeedForward = 8 });
        using var smaller = plan.Grow(model);

        Assert.Equal(Enumerable.Range(40, 8), plan.Steps[0].Tensors["model.layers.0.mlp.gate_proj.weight"].Rows!.Sources);
        Assert.Equal(Enumerable.Range(0, 8), plan.Steps[0].Tensors["model.layers.1.mlp.gate_proj.weight"].Rows!.Sources);
        Assert.InRange(Growths.Difference(model, smaller, CausalLanguageModelTests.RandomIds(2, 12)), 0, Growths.Tolerance);
    }

    [Fact]
    public void A_copy_larger_than_the_model_is_refused()
    {
        using var scope = NewDisposeScope();
        using var model = Growths.Model();
        var importance = UnitImportance.Of(model, _text);

        Assert.Contains("3 layers", Assert.Throws<GrowthRefusedException>(() => ShrinkPlan.Of(model.Config, importance, new ShrinkOptions { Layers = 3 })).Message, StringComparison.Ordinal);
        Assert.Throws<GrowthRefusedException>(() => ShrinkPlan.Of(model.Config, importance, new ShrinkOptions { Hidden = 0 }));
        Assert.Throws<ArgumentException>(() => UnitImportance.Of(model, EvaluationSet.Empty));
    }
}
