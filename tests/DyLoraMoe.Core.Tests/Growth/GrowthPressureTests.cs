using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Growth;
using DyLoraMoe.Core.Growth.Operators;
using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Growth;

public sealed class GrowthPressureTests
{
    private static readonly IReadOnlyList<TokenizedSample> _samples =
    [
        new([1, 5, 9, 13, 17, 21, 25], AnswerStart: 3, LossStart: 3, InvocationStart: 2),
        new([1, 40, 41, 42, 43], AnswerStart: 2, LossStart: 2, InvocationStart: 1),
    ];

    [Fact]
    public void It_is_what_small_moves_of_the_new_writers_show()
    {
        using var model = Growths.Model();
        var plan = GrowthPlan.Of(model.Config, new WidenFeedForward(50));
        using var grown = plan.Grow(model);

        var pressure = GrowthPressure.Of(grown, plan, _samples);

        // Two layers of two new columns of 32: every one moved to both sides.
        var (sum, count) = (0.0, 0);
        foreach (var layer in Enumerable.Range(0, 2))
        {
            var writer = grown.named_parameters().First(pair => pair.name == $"model.layers.{layer}.mlp.down_proj.weight").parameter;
            for (var at = 0; at < 64; at++, count++)
            {
                var slope = (Loss(writer, at, 0.02) - Loss(writer, at, -0.02)) / 0.04;
                sum += slope * slope;
            }
        }

        Assert.Equal(sum / count, pressure, 0.01 * pressure);
        Assert.True(pressure > 0);
        Assert.All(grown.parameters(), parameter => Assert.False(parameter.requires_grad));
        Assert.All(grown.parameters(), parameter => Assert.Null(parameter.grad));

        double Loss(Tensor writer, int at, double move)
        {
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            var entry = writer[at / 2, 48 + (at % 2)];
            entry.add_(move);
            var loss = new LanguageModelEvaluator(grown).Evaluate(EvaluationSet.OfSamples(_samples)).Loss;
            entry.add_(-move);
            return loss;
        }
    }

    [Theory]
    [InlineData(ModelFamily.Llama)]
    [InlineData(ModelFamily.Gemma)]
    [InlineData(ModelFamily.Qwen2)]
    public void Every_axis_promises_something_and_batches_do_not_matter(ModelFamily family)
    {
        using var model = Growths.Model(family);
        var many = Enumerable.Range(0, 200).SelectMany(_ => _samples).ToList();
        foreach (var each in new IGrowthOperator[] { new InsertLayers(2), new WidenFeedForward(64), new AddKeyValueGroups(1), new WidenHidden(40) })
        {
            var plan = GrowthPlan.Of(model.Config, each);
            using var grown = plan.Grow(model);

            var pressure = GrowthPressure.Of(grown, plan, _samples);

            Assert.True(pressure > 0, $"{each}");
            Assert.Equal(pressure, GrowthPressure.Of(grown, plan, many), 1e-3 * pressure);
        }
    }

    [Fact]
    public void It_is_zero_where_there_is_no_gradient_no_new_writer_or_nothing_to_predict()
    {
        using var model = Growths.Model();
        var wider = GrowthPlan.Of(model.Config, new WidenFeedForward(56));
        using var grown = wider.Grow(model);
        var shared = GrowthPlan.Of(model.Config, new UnshareKeyValues(2));
        using var unshared = shared.Grow(model);
        var padded = GrowthPlan.Of(model.Config, new WidenFeedForward(56, GrowthVariant.ZeroPadded));
        using var dead = padded.Grow(model);

        Assert.Equal(0, GrowthPressure.Of(dead, padded, _samples));
        Assert.Equal(0, GrowthPressure.Of(unshared, shared, _samples));
        Assert.Equal(0, GrowthPressure.Of(grown, wider, []));
    }
}
