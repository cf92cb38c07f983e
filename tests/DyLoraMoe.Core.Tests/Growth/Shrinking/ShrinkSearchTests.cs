using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Growth;
using DyLoraMoe.Core.Growth.Operators;
using DyLoraMoe.Core.Growth.Shrinking;
using DyLoraMoe.Core.Training.Distillation;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Growth.Shrinking;

public sealed class ShrinkSearchTests
{
    private static readonly EvaluationSet _text = EvaluationSet.OfSamples(TeachingText.Random(64, 8, 16));

    [Theory]
    [InlineData(0.9)]
    [InlineData(0.6)]
    public void Every_shape_is_as_large_as_it_may_be(double share)
    {
        using var scope = NewDisposeScope();
        using var model = Growths.Model();
        var importance = UnitImportance.Of(model, _text);
        var most = (long)(share * GrowthPlan.Of(model.Config).ParametersBefore);

        var shapes = ShrinkSearch.Shapes(model.Config, most);

        Assert.NotEmpty(shapes);
        Assert.All(shapes, shape =>
        {
            Assert.InRange(ShrinkPlan.Of(model.Config, importance, shape).ParametersAfter, 1, most);
            Assert.True(shape.FeedForward == model.Config.IntermediateSize || ShrinkPlan.Of(model.Config, importance, shape with { FeedForward = shape.FeedForward + 1 }).ParametersAfter
                > most - (model.Config.HiddenSize * model.Config.HiddenSize * 4 * shape.Layers));
        });
        Assert.Equal(shapes.Select(shape => shape.Layers).Distinct().OrderDescending(), shapes.Select(shape => shape.Layers));
    }

    [Fact]
    public void A_layer_that_does_nothing_goes_first()
    {
        using var scope = NewDisposeScope();
        using var model = Growths.Model();
        var original = GrowthPlan.Of(model.Config).ParametersBefore;
        using var grown = GrowthPlan.Of(model.Config, new InsertLayers(1)).Grow(model);

        var best = ShrinkSearch.Best(grown, UnitImportance.Of(grown, _text), original, _text);

        Assert.Equal([0, 2], best.Plan.Steps[0].Layers!);
        Assert.Equal(new LanguageModelEvaluator(grown).Evaluate(_text).Loss, best.Loss, 1e-4);
    }

    [Fact]
    public void What_embeddings_alone_exceed_is_refused()
    {
        using var scope = NewDisposeScope();
        using var model = Growths.Model();

        Assert.Contains("smallest", Assert.Throws<GrowthRefusedException>(() => ShrinkSearch.Shapes(model.Config, 1000)).Message, StringComparison.Ordinal);
    }
}
