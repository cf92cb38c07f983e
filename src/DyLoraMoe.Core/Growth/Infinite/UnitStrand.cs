using static TorchSharp.torch;

namespace DyLoraMoe.Core.Growth.Infinite;

/// <summary>
/// Units side by side on an axis: the neurons of one layer, the ranks of one low-rank update, or one layer alone on the axis of depth. A unit
/// reads with some weights and writes with others; its mass is the product of their norms, which rescaling the one against the other leaves
/// as it is, and which is zero if and only if the unit does nothing.
/// </summary>
/// <param name="First">Place of the first unit.</param>
/// <param name="Readers">What units read with.</param>
/// <param name="Writers">What they write with, along the last axis of each weight.</param>
internal sealed record UnitStrand(int First, IReadOnlyList<UnitPart> Readers, IReadOnlyList<UnitPart> Writers)
{
    /// <summary>How many units.</summary>
    public int Count => (int)(Readers[0].Weight.shape[Readers[0].Axis] / Readers[0].Size);

    /// <summary>Weights per unit to read with.</summary>
    public long ReaderCount => Readers.Sum(part => part.Count);

    /// <summary>Weights per unit to write with.</summary>
    public long WriterCount => Writers.Sum(part => part.Count);

    public IEnumerable<UnitPart> Parts => Readers.Concat(Writers);

    /// <summary>The norm of what every unit reads with.</summary>
    public double[] ReaderNorms() => Norms(Readers);

    /// <summary>The norm of what every unit writes with.</summary>
    public double[] WriterNorms() => Norms(Writers);

    /// <summary>The mass of every unit as its weights are at the moment.</summary>
    public double[] Masses() => [.. ReaderNorms().Zip(WriterNorms(), (reader, writer) => reader * writer)];

    /// <summary>Place of the outermost unit with mass; -1 where none has any.</summary>
    public int LastToWrite() => Array.FindLastIndex(Masses(), mass => mass > 0) is >= 0 and var unit ? First + unit : -1;

    /// <summary>Multiplies what units read and write with.</summary>
    public void Scale(double[] readers, double[] writers)
    {
        Scale(Readers, readers);
        Scale(Writers, writers);
    }

    private static void Scale(IReadOnlyList<UnitPart> parts, double[] factors)
    {
        using var scope = NewDisposeScope();
        var weight = parts[0].Weight;
        var values = tensor(Array.ConvertAll(factors, factor => (float)factor), device: weight.device);
        foreach (var part in parts)
        {
            part.Scale(values);
        }
    }

    private static double[] Norms(IReadOnlyList<UnitPart> parts)
    {
        using var scope = NewDisposeScope();
        var squares = parts[0].Squares();
        foreach (var part in parts.Skip(1))
        {
            squares += part.Squares();
        }

        return Array.ConvertAll(squares.cpu().data<float>().ToArray(), square => Math.Sqrt(square));
    }
}
