using DyLoraMoe.Core.Models;

namespace DyLoraMoe.Core.Growth.Operators;

/// <summary>What the readers of an inserted layer start from.</summary>
public enum LayerStart
{
    /// <summary>Random numbers as spread as those of the neighbour.</summary>
    Random,

    /// <summary>The neighbour's own weights, as <see href="https://arxiv.org/abs/2401.02415">LLaMA Pro</see> does.</summary>
    Neighbour,

    /// <summary>The identity: the third seed's variant.</summary>
    Identity,
}

/// <summary>
/// Layers that add nothing to the residual stream yet: attention's output and the feed-forward layer's are zero. They get a gradient at
/// once, all others of the layer as soon as those have moved.
/// </summary>
/// <param name="At">How many old layers come before the first new one: 0 for the front, the number of layers for the end.</param>
/// <param name="Count">How many layers.</param>
/// <param name="Start">What their readers start from.</param>
public sealed record InsertLayers(int At, int Count = 1, LayerStart Start = LayerStart.Random) : IGrowthOperator
{
    /// <inheritdoc/>
    public GrowthStep Plan(ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (At < 0 || At > config.Layers || Count < 1)
        {
            throw new GrowthRefusedException($"{Count} layers at {At} cannot be inserted; a model of {config.Layers} layers takes one or more at 0 to {config.Layers}");
        }

        var after = config with
        {
            Layers = config.Layers + Count,
            FirstSlidingLayer = config.FirstSlidingLayer + (At < config.FirstSlidingLayer ? Count : 0),
            SlidingLayers = config.SlidingLayers is { } slides
                ? [.. slides.Take(At), .. Enumerable.Repeat(slides[Math.Max(0, At - 1)], Count), .. slides.Skip(At)]
                : null,
        };
        GrowthStep.Check(after);
        var neighbour = Math.Max(0, At - 1);
        return new GrowthStep
        {
            Description = $"{Count} {(Count == 1 ? "layer" : "layers")} at {At}, layers {config.Layers} -> {after.Layers}",
            Before = config,
            After = after,
            Layers = [.. Enumerable.Range(0, At), .. Enumerable.Repeat(AxisMap.None, Count), .. Enumerable.Range(At, config.Layers - At)],
            Tensors = Enumerable.Range(At, Count)
                .SelectMany(layer => WeightLayout.OfLayer(after, layer))
                .ToDictionary(weight => weight.Name, weight => Inserted(weight, neighbour), StringComparer.Ordinal),
            AddsSilentHeads = true,
            CopiesHeads = Start == LayerStart.Neighbour,
            ReadsChannelsApart = Start == LayerStart.Identity,
        };
    }

    private TensorGrowth Inserted(WeightLayout weight, int neighbour) => new()
    {
        Name = weight.Name,
        Source = LayerNames.InLayer(weight.Name, neighbour),
        IsInserted = true,
        Fill = weight.Role switch
        {
            WeightRole.Gain => GrowthFill.Copy,
            WeightRole.Reader => Start switch
            {
                LayerStart.Neighbour => GrowthFill.Copy,
                LayerStart.Identity => GrowthFill.Identity,
                _ => GrowthFill.Random,
            },

            // Biases of queries and keys are learnt as fast as they are needed; those of writers must be zero.
            _ => GrowthFill.Zero,
        },
        Arrival = weight.Role == WeightRole.Writer || IsWritersBias(weight) ? GradientArrival.AtOnce : GradientArrival.AfterOneStep,
    };

    private static bool IsWritersBias(WeightLayout weight) => weight.Role == WeightRole.Bias && weight.Rows == WeightAxis.Hidden;
}
