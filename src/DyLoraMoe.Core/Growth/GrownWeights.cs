using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Growth;

/// <summary>The weights of a grown model, each made from the smaller model's when it is asked for.</summary>
internal sealed class GrownWeights(GrowthPlan plan, IWeightSource original, long seed) : IWeightSource
{
    private readonly Dictionary<string, WeightLayout> _layouts = WeightLayout.Of(plan.Before).ToDictionary(weight => weight.Name, StringComparer.Ordinal);

    public Tensor Take(string path, params long[] shape)
    {
        using var scope = NewDisposeScope();
        var values = plan.Value(path, name => original.Take(name, _layouts[name].ShapeIn(plan.Before)), seed);
        return values.shape.AsSpan().SequenceEqual(shape)
            ? values.clone().MoveToOuterDisposeScope()
            : throw new InvalidOperationException($"'{path}' grew to [{string.Join(", ", values.shape)}], the grown shape asks for [{string.Join(", ", shape)}].");
    }
}
