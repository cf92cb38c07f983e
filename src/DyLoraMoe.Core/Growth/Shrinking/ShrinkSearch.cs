using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Models;

namespace DyLoraMoe.Core.Growth.Shrinking;

/// <summary>A smaller shape and what it costs.</summary>
/// <param name="Shape">The sizes.</param>
/// <param name="Plan">The copy of that shape, of the most important units.</param>
/// <param name="Loss">What the copy predicts text with before any training, in nats per token.</param>
public sealed record ShrinkCandidate(ShrinkOptions Shape, GrowthPlan Plan, double Loss);

/// <summary>
/// Chooses depth and width for a number of parameters: from all layers and narrow to few layers and wide, what computes best before any training
/// is taken. The residual stream stays: every channel is of use to every layer.
/// </summary>
public static class ShrinkSearch
{
    /// <summary>For every number of layers the widest feed-forward layers, with heads in proportion, that a number of parameters leaves room for.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="parameters">Most parameters.</param>
    /// <exception cref="GrowthRefusedException">No shape is as small.</exception>
    public static IReadOnlyList<ShrinkOptions> Shapes(ModelConfig config, long parameters)
    {
        ArgumentNullException.ThrowIfNull(config);
        var shapes = new List<ShrinkOptions>();
        for (var layers = config.Layers; layers > 0; layers--)
        {
            var widest = Widest(config, layers, parameters);
            if (widest > 0)
            {
                shapes.Add(Shape(config, layers, widest));
            }

            // Fewer layers of full width would only be smaller than they may.
            if (widest == config.IntermediateSize)
            {
                break;
            }
        }

        return shapes.Count > 0
            ? shapes
            : throw new GrowthRefusedException($"a copy cannot have {parameters:N0} parameters; the smallest with this hidden width has {Count(config, Shape(config, 1, 1)):N0}");
    }

    /// <summary>Tries every shape and takes the best.</summary>
    /// <param name="model">The model.</param>
    /// <param name="importance">What its units do.</param>
    /// <param name="parameters">Most parameters.</param>
    /// <param name="text">What shapes are compared on.</param>
    public static ShrinkCandidate Best(CausalLanguageModel model, UnitImportance importance, long parameters, EvaluationSet text)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Shapes(model.Config, parameters).Select(shape =>
        {
            var plan = ShrinkPlan.Of(model.Config, importance, shape);
            using var copy = plan.Grow(model);
            return new ShrinkCandidate(shape, plan, new LanguageModelEvaluator(copy).Evaluate(text).Loss);
        }).MinBy(candidate => candidate.Loss)!;
    }

    private static int Widest(ModelConfig config, int layers, long parameters)
    {
        var (fits, tooWide) = (0, config.IntermediateSize + 1);
        while (tooWide - fits > 1)
        {
            var middle = (fits + tooWide) / 2;
            (fits, tooWide) = Count(config, Shape(config, layers, middle)) <= parameters ? (middle, tooWide) : (fits, middle);
        }

        return fits;
    }

    private static ShrinkOptions Shape(ModelConfig config, int layers, int feedForward) => new()
    {
        Layers = layers,
        FeedForward = feedForward,
        KeyValueHeads = Math.Max(1, (int)Math.Round((double)config.KeyValueHeads * feedForward / config.IntermediateSize)),
    };

    private static long Count(ModelConfig config, ShrinkOptions shape)
    {
        var after = config with
        {
            Layers = shape.Layers!.Value,
            IntermediateSize = shape.FeedForward!.Value,
            KeyValueHeads = shape.KeyValueHeads!.Value,
            Heads = shape.KeyValueHeads.Value * config.QueriesPerKeyValueHead,
        };
        return WeightLayout.Of(after).Sum(weight => weight.CountIn(after));
    }
}
