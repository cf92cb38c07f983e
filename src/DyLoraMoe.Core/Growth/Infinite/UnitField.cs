using DyLoraMoe.Core.Training;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Growth.Infinite;

/// <summary>
/// The forces of a formally infinite network on what exists of it at the moment. Around every step of the optimizer: gradients are passed
/// through the gates, boundaries follow training pressure against gravity, and from time to time weights are pulled.
/// </summary>
internal sealed class UnitField : IDisposable
{
    // A unit further out in the ramp would have to be multiplied by more than this many times to do the same elsewhere.
    private const double LeastGateToSwap = 0.25;

    private readonly IReadOnlyList<UnitRow> _rows;
    private readonly InfiniteOptions _options;
    private readonly IReadOnlyDictionary<string, WeightMemory> _memories;
    private readonly List<GatedWeight> _gated;

    /// <summary>The field over what exists. Weights are as the optimizer sees them; <see cref="Close"/> applies the gates.</summary>
    public UnitField(IReadOnlyList<UnitRow> rows, TrainingStep step, InfiniteOptions options)
    {
        (_rows, _options, _memories) = (rows, options, Optimizer.GrownMoments.Memories(step));
        var gated = new Dictionary<IntPtr, GatedWeight>();
        foreach (var (row, strand, part) in rows.SelectMany(row => row.Strands.SelectMany(strand => strand.Writers.Select(part => (row, strand, part)))))
        {
            if (!gated.TryGetValue(part.Weight.Handle, out var weight))
            {
                gated[part.Weight.Handle] = weight = new GatedWeight(part.Weight);
            }

            weight.Add(row, strand.First, part.Size);
        }

        _gated = [.. gated.Values];
    }

    /// <summary>Rates of the steps since weights were pulled.</summary>
    public double RateSincePull { get; set; }

    /// <summary>Applies the gates: from here on a forward pass is that of the bounded network.</summary>
    public void Close()
    {
        using var _ = no_grad();
        _gated.ForEach(weight => weight.Close());
    }

    /// <summary>Takes the gates off: from here on weights are as the optimizer sees them.</summary>
    public void Open()
    {
        using var _ = no_grad();
        _gated.ForEach(weight => weight.Open());
    }

    /// <summary>Between the backward pass and the optimizer's step. Takes the gates off.</summary>
    public void BeforeStep()
    {
        using var _ = no_grad();
        foreach (var row in _rows)
        {
            row.Gradient = 0;
        }

        _gated.ForEach(weight => weight.PassGradient());
        Open();
    }

    /// <summary>After the optimizer's step: boundaries move, and weights are pulled when it is time. Applies the gates.</summary>
    /// <param name="rate">The step's rate, absolute.</param>
    /// <param name="share">The rate as a share of the highest.</param>
    /// <param name="isPullDue">Whether weights are pulled.</param>
    public void AfterStep(double rate, double share, bool isPullDue)
    {
        using var _ = no_grad();
        RateSincePull += rate;
        foreach (var row in _rows)
        {
            row.Force = row.Force.After(row.Gradient);
            var force = row.Force.Pressure - _options.Gravity;
            row.Boundary = row.Boundary.Moved(_options.Speed * share * row.Boundary.Ramp * force, row.Options.Least, row.Most);
            if (isPullDue)
            {
                Pull(row, RateSincePull);
            }
        }

        RateSincePull = isPullDue ? 0 : RateSincePull;
        Close();
    }

    /// <summary>
    /// Moves heavy units inwards, each strand for itself; what the network computes stays. Weights are as the optimizer sees them. Layers keep
    /// their order, since they do not commute.
    /// </summary>
    public void Swap()
    {
        using var _ = no_grad();
        foreach (var row in _rows)
        {
            foreach (var strand in row.Strands.Where(strand => strand.Count > 1))
            {
                var gates = Enumerable.Range(0, strand.Count).Select(unit => row.Boundary.Gate(strand.First + unit)).ToArray();
                Swap(strand, gates);
            }
        }
    }

    /// <summary>
    /// Units in a ramp that write nothing read something else from now on, at random: nothing changes, and what they write has a gradient again.
    /// The mass itself has none at zero. Weights are as the optimizer sees them.
    /// </summary>
    /// <param name="seed">Seed of what they read.</param>
    public void Rekindle(ulong seed)
    {
        using var _ = no_grad();
        using var random = new Generator(seed >> 1, CPU);
        foreach (var row in _rows)
        {
            foreach (var strand in row.Strands)
            {
                var writers = strand.WriterNorms();
                for (var unit = 0; unit < strand.Count; unit++)
                {
                    if (writers[unit] == 0 && row.Boundary.Slope(strand.First + unit) > 0)
                    {
                        Rekindle(strand, unit, random);
                    }
                }
            }
        }
    }

    public void Dispose() => _gated.ForEach(weight => weight.Dispose());

    private void Pull(UnitRow row, double rate)
    {
        var lasso = new RadialGroupLasso(_options.Lasso, row.Radius);
        var norms = row.Strands.Select(strand => (Strand: strand, Readers: strand.ReaderNorms(), Writers: strand.WriterNorms())).ToList();
        var places = norms.SelectMany(each => Enumerable.Range(each.Strand.First, each.Strand.Count).Select(place => (double)place)).ToArray();
        var masses = norms.SelectMany(each => each.Readers.Zip(each.Writers, (reader, writer) => reader * writer)).ToArray();
        var gravity = Gravity.Pull(places, masses);
        var at = 0;
        foreach (var (strand, readers, writers) in norms)
        {
            var (meanReader, meanWriter) = (Mean(readers), Mean(writers));
            var (readerFactors, writerFactors) = (new double[strand.Count], new double[strand.Count]);
            for (var unit = 0; unit < strand.Count; unit++, at++)
            {
                // A mass's derivative by one norm is the other one; their means make it free of scale.
                var pull = rate * _options.Gravity * gravity[at] / (row.Radius * row.Radius);
                var place = places[at];
                readerFactors[unit] = RadialGroupLasso.Factor(
                    readers[unit], lasso.Threshold(rate, place, strand.ReaderCount) + (pull * Math.Sqrt(strand.ReaderCount) * writers[unit] / meanWriter));
                writerFactors[unit] = RadialGroupLasso.Factor(
                    writers[unit], lasso.Threshold(rate, place, strand.WriterCount) + (pull * Math.Sqrt(strand.WriterCount) * readers[unit] / meanReader));
            }

            strand.Scale(readerFactors, writerFactors);
        }
    }

    private void Swap(UnitStrand strand, double[] gates)
    {
        var masses = strand.Masses();
        var order = Enumerable.Range(0, strand.Count).ToArray();
        var places = order.Where(unit => gates[unit] >= LeastGateToSwap).ToArray();
        var units = places.OrderByDescending(unit => masses[unit] * gates[unit]).ToArray();
        if (places.SequenceEqual(units))
        {
            return;
        }

        foreach (var (place, unit) in places.Zip(units))
        {
            order[place] = unit;
        }

        var factors = order.Select((unit, place) => order[place] == place ? 1 : gates[unit] / gates[place]).ToArray();
        foreach (var part in strand.Parts)
        {
            Reorder(part, part.Weight, order);
            foreach (var (_, moment) in _memories[part.Name].Tensors)
            {
                Reorder(part, moment, order);
            }
        }

        strand.Scale([.. Enumerable.Repeat(1.0, strand.Count)], factors);
        foreach (var part in strand.Writers)
        {
            Rescale(part, factors);
        }
    }

    // A weight that is multiplied by c has a gradient smaller by c.
    private void Rescale(UnitPart part, double[] factors)
    {
        using var scope = NewDisposeScope();
        var (mean, square) = Optimizer.GrownMoments.MomentsOf(_memories[part.Name]);
        var inverse = part.Along(tensor(Array.ConvertAll(factors, factor => (float)(1 / factor)), device: mean.device), mean.dim());
        mean.mul_(inverse);
        square.mul_(inverse.square());
    }

    private static void Reorder(UnitPart part, Tensor values, int[] order)
    {
        using var scope = NewDisposeScope();
        values.detach().copy_(part.Reordered(values.detach(), order));
    }

    // Rows of length √(1/3) look at a stream of root mean square one as PEFT's first factor does.
    private void Rekindle(UnitStrand strand, int unit, Generator random)
    {
        foreach (var part in strand.Parts)
        {
            using var scope = NewDisposeScope();
            if (strand.Readers.Contains(part) && part.Weight.dim() > 1)
            {
                var block = part.BlockOf(part.Weight.detach(), unit);
                block.copy_(randn(block.shape, generator: random) / Math.Sqrt(3.0 * part.Weight.shape[1]));
            }

            foreach (var (_, moment) in _memories[part.Name].Tensors)
            {
                part.BlockOf(moment, unit).zero_();
            }
        }
    }

    private static double Mean(double[] norms) => norms.Where(norm => norm > 0).DefaultIfEmpty(1).Average();
}
