using static TorchSharp.torch;

namespace DyLoraMoe.Core.Growth;

/// <summary>How one weight grows: old entries move to their new places, times a factor, and new ones are filled in.</summary>
/// <remarks>Shapes: (O, I) before, (O', I') after; (O) and (O') for vectors.</remarks>
public sealed record TensorGrowth
{
    private const double FallbackDeviation = 0.02;

    /// <summary>The weight's name after growth.</summary>
    public required string Name { get; init; }

    /// <summary>The weight before growth that it continues, or that a wholly new one is modelled on.</summary>
    public required string Source { get; init; }

    /// <summary>Whether the whole weight is new, as in an inserted layer.</summary>
    public bool IsInserted { get; init; }

    /// <summary>Growth of the first axis; null where it stays.</summary>
    public AxisMap? Rows { get; init; }

    /// <summary>Growth of the second axis; null where it stays.</summary>
    public AxisMap? Columns { get; init; }

    /// <summary>What new entries start from.</summary>
    public GrowthFill Fill { get; init; }

    /// <summary>Factor on the old entries, which makes up for something else that changes.</summary>
    public double Factor { get; init; } = 1;

    /// <summary>Added to the stored values before the factor acts, and taken off afterwards: a norm gain may be stored as its distance from one.</summary>
    public double Offset { get; init; }

    /// <summary>When new entries first get a gradient.</summary>
    public GradientArrival Arrival { get; init; } = GradientArrival.AfterOneStep;

    /// <summary>For a vocabulary: the old tokens that every new one starts from the mean of; the mean of all where this is null.</summary>
    public IReadOnlyList<IReadOnlyList<int>>? Pieces { get; init; }

    /// <summary>Whether anything about the weight changes: an axis, or, as of a bias whose own axis stays, its values alone.</summary>
    internal bool IsChange => IsInserted || Rows is not null || Columns is not null || Factor != 1;

    /// <summary>The weight after growth.</summary>
    /// <param name="source">The weight before growth.</param>
    /// <param name="random">Draws random entries, on the CPU.</param>
    /// <returns>A new tensor of the same type on the same device.</returns>
    internal Tensor Apply(Tensor source, Generator random)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        if (IsInserted)
        {
            return Drawn(source, source.shape, random).clone().MoveToOuterDisposeScope();
        }

        var values = Scaled(source);
        if (Rows is not null)
        {
            values = Extended(values, 0, Rows, Drawn(values, [Rows.Fresh, .. values.shape[1..]], random));
        }

        if (Columns is not null)
        {
            values = Extended(values, 1, Columns, Drawn(values, [values.shape[0], Columns.Fresh], random));
        }

        if (Fill == GrowthFill.Identity && Rows is not null && Columns is not null)
        {
            foreach (var (row, column) in FreshOf(Rows).Zip(FreshOf(Columns)))
            {
                values[row, column] = 1;
            }
        }

        return values.clone().MoveToOuterDisposeScope();
    }

    /// <summary>Something kept for every entry of the weight, such as a moment of its gradient, on the grown weight.</summary>
    /// <param name="values">Shaped as the weight before growth.</param>
    /// <param name="fresh">What new entries get.</param>
    /// <param name="power">How it depends on the gradient: 1 for a mean, 2 for a mean of squares, 0 where it does not. A weight that is scaled up has a smaller gradient; copies share theirs.</param>
    internal Tensor Carry(Tensor values, double fresh, int power = 0)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        if (Factor != 1 && power > 0)
        {
            values = values / Math.Pow(Factor, power);
        }

        if (Rows is not null)
        {
            if (power > 0 && Rows.Copies.Any(copies => copies > 1))
            {
                var shares = tensor(Array.ConvertAll(Rows.Copies, copies => (float)Math.Pow(1.0 / Math.Max(1, copies), power)), device: values.device);   // (O)
                values = values * (values.dim() > 1 ? shares.unsqueeze(1) : shares);
            }

            values = Extended(values, 0, Rows, full([Rows.Fresh, .. values.shape[1..]], fresh, values.dtype, values.device));
        }

        if (Columns is not null)
        {
            values = Extended(values, 1, Columns, full([values.shape[0], Columns.Fresh], fresh, values.dtype, values.device));
        }

        return values.clone().MoveToOuterDisposeScope();
    }

    /// <summary>The same with new entries that are zero on every side, where nothing gets a gradient.</summary>
    /// <param name="fill">Another fill; null for zero, and for gains their own.</param>
    internal TensorGrowth Dead(GrowthFill? fill = null) => this with
    {
        Fill = fill ?? (Fill == GrowthFill.Random ? GrowthFill.Zero : Fill),
        Arrival = GradientArrival.Never,
    };

    /// <summary>Puts old and new entries of an axis in their places.</summary>
    internal static Tensor Extended(Tensor values, int axis, AxisMap map, Tensor fresh)
    {
        if (values.shape[axis] != map.Before)
        {
            throw new ArgumentException($"Axis {axis} of a tensor of shape [{string.Join(", ", values.shape)}] was expected to have {map.Before} entries.", nameof(values));
        }

        var next = map.Before;
        var order = map.Sources.Select(source => source == AxisMap.None ? (long)next++ : source).ToArray();
        var all = map.Fresh == 0 ? values : cat([values, fresh], axis);
        return all.index_select(axis, tensor(order, device: values.device));
    }

    internal static IEnumerable<int> FreshOf(AxisMap map) => Enumerable.Range(0, map.After).Where(entry => map.Sources[entry] == AxisMap.None);

    private Tensor Scaled(Tensor source) => Factor == 1
        ? source
        : (((source.to_type(ScalarType.Float64) + Offset) * Factor) - Offset).to_type(source.dtype);

    private Tensor Drawn(Tensor values, long[] shape, Generator random) => Fill switch
    {
        GrowthFill.Random => (randn(shape, generator: random) * Deviation(values)).to(values.dtype, values.device),
        GrowthFill.Mean when values.dim() == 1 => values.to_type(ScalarType.Float64).mean().expand(shape).to_type(values.dtype),
        GrowthFill.Mean => Means(values, shape, random),
        GrowthFill.Copy => values,
        GrowthFill.Identity when IsInserted => IdentityOf(values, random),
        _ => zeros(shape, values.dtype, values.device),
    };

    // A neuron that reads nothing and writes nothing never learns, so what the identity leaves over is random.
    private static Tensor IdentityOf(Tensor values, Generator random)
    {
        var (rows, columns) = (values.shape[0], values.shape[1]);
        var square = eye(Math.Min(rows, columns), columns, values.dtype, values.device);
        return rows <= columns
            ? square
            : cat([square, (randn([rows - columns, columns], generator: random) * Deviation(values)).to(values.dtype, values.device)], 0);
    }

    // Rows that are all alike could not be told apart; a tenth of the usual spread sets them apart.
    private Tensor Means(Tensor values, long[] shape, Generator random)
    {
        var exact = values.to_type(ScalarType.Float32);
        var means = Pieces is null
            ? exact.mean([0], keepdim: true).expand(shape)
            : stack([.. Pieces.Select(pieces => exact.index_select(0, tensor(pieces.Select(piece => (long)piece).ToArray(), device: values.device)).mean([0]))]);
        return (means + (randn(shape, generator: random) * (Deviation(values) / 10)).to(values.device)).to_type(values.dtype);
    }

    private static double Deviation(Tensor values)
    {
        if (values.numel() < 2)
        {
            return FallbackDeviation;
        }

        var deviation = values.to_type(ScalarType.Float32).std().item<float>();
        return deviation > 0 && float.IsFinite(deviation) ? deviation : FallbackDeviation;
    }
}
