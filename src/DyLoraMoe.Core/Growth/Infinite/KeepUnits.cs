using DyLoraMoe.Core.Models;

namespace DyLoraMoe.Core.Growth.Infinite;

/// <summary>Releases units: growth read backwards. It is exact where the units that go write nothing.</summary>
/// <param name="axis">Which axis becomes shorter.</param>
/// <param name="kept">The units that stay, in their order.</param>
internal sealed class KeepUnits(UnitAxis axis, int[] kept) : IGrowthOperator
{
    public GrowthStep Plan(ModelConfig config)
    {
        var (share, size) = (config.QueriesPerKeyValueHead, config.HeadSize);
        return axis switch
        {
            UnitAxis.FeedForward => GrowthStep.Along(
                $"feed-forward {config.IntermediateSize} -> {kept.Length}",
                config,
                config with { IntermediateSize = kept.Length },
                new Dictionary<WeightAxis, AxisMap> { [WeightAxis.FeedForward] = AxisMap.Keep(config.IntermediateSize, kept) }),
            UnitAxis.Heads => GrowthStep.Along(
                $"key/value heads {config.KeyValueHeads} -> {kept.Length}",
                config,
                config with { KeyValueHeads = kept.Length, Heads = kept.Length * share },
                new Dictionary<WeightAxis, AxisMap>
                {
                    [WeightAxis.Queries] = Blocks(config.KeyValueHeads, share * size),
                    [WeightAxis.KeyValues] = Blocks(config.KeyValueHeads, size),
                }),
            _ => Layers(config),
        };
    }

    private GrowthStep Layers(ModelConfig config) => new()
    {
        Description = $"layers {config.Layers} -> {kept.Length}",
        Before = config,
        After = config with
        {
            Layers = kept.Length,
            SlidingLayers = config.SlidingLayers is { } slides ? [.. kept.Select(layer => slides[layer])] : null,
            FirstSlidingLayer = kept.Count(layer => layer < config.FirstSlidingLayer),
        },
        Layers = kept,
    };

    private AxisMap Blocks(int blocks, int size) => AxisMap.Keep(blocks * size, [.. kept.SelectMany(block => Enumerable.Range(block * size, size))]);
}
