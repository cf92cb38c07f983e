using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Growth.Infinite;

/// <summary>What the units of a strand have in one weight: a block of its rows or columns each, one after the other.</summary>
/// <param name="Name">The weight's name.</param>
/// <param name="Weight">The weight, (O, I) or (O).</param>
/// <param name="Axis">Which of its axes the units share out: 0 or 1.</param>
/// <param name="Size">Entries of that axis per unit.</param>
internal sealed record UnitPart(string Name, Parameter Weight, int Axis, int Size)
{
    /// <summary>Weights per unit.</summary>
    public long Count => Size * (Weight.numel() / Weight.shape[Axis]);

    /// <summary>The squared norm of every unit's block, (U).</summary>
    public Tensor Squares()
    {
        using var scope = NewDisposeScope();
        var squares = Weight.detach().square();
        var entries = squares.dim() > 1 ? squares.sum([1 - Axis]) : squares;      // (O, I) -> the units' axis
        return entries.view(-1, Size).sum([1]).MoveToOuterDisposeScope();           // -> (U)
    }

    /// <summary>Multiplies every unit's block.</summary>
    public void Scale(Tensor factors)
    {
        using var scope = NewDisposeScope();
        Weight.mul_(Along(factors, Weight.dim()));
    }

    /// <summary>One number per unit as a tensor that broadcasts over the weight.</summary>
    public Tensor Along(Tensor factors, long dimensions)
    {
        var entries = Size == 1 ? factors : factors.repeat_interleave(Size);
        return dimensions > 1 && Axis == 0 ? entries.unsqueeze(1) : entries;
    }

    /// <summary>A tensor of the weight's shape with the units in another order.</summary>
    public Tensor Reordered(Tensor values, int[] order)
    {
        using var scope = NewDisposeScope();
        var entries = order.SelectMany(unit => Enumerable.Range(unit * Size, Size).Select(entry => (long)entry)).ToArray();
        return values.index_select(Axis, tensor(entries, device: values.device)).MoveToOuterDisposeScope();
    }

    /// <summary>One unit's block of a tensor of the weight's shape.</summary>
    public Tensor BlockOf(Tensor values, int unit) => values.narrow(Axis, (long)unit * Size, Size);
}
