using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Growth.Infinite;

/// <summary>
/// A writer whose entries are multiplied by gates. Between steps the weight holds the product <c>g ⊙ W</c>, so that the forward and the backward
/// pass are those of a plain model; for the optimizer it holds W, and the chain rule gives <c>dL/dW = g ⊙ dL/d(gW)</c> and
/// <c>dL/dg_u = Σ W_u · dL/d(gW_u)</c>. Only entries from the first that is gated on are touched.
/// </summary>
/// <param name="weight">The weight, (O, I) or (I).</param>
/// <remarks>Shapes: O rows, I entries of the last axis, G gated ones at its end.</remarks>
internal sealed class GatedWeight(Parameter weight) : IDisposable
{
    private readonly List<(UnitRow Row, int First, int Size)> _gates = [];
    private double[] _factors = [];
    private int _from;
    private Tensor? _raw;
    private Tensor? _gate;

    private int Entries => (int)weight.shape[^1];

    /// <summary>Lets a strand's boundary gate the weight.</summary>
    public void Add(UnitRow row, int first, int size) => _gates.Add((row, first, size));

    /// <summary>Multiplies by the gates and keeps what was there.</summary>
    public void Close()
    {
        _factors = new double[Entries];
        Array.Fill(_factors, 1);
        foreach (var (row, first, size) in _gates)
        {
            for (var entry = 0; entry < _factors.Length; entry++)
            {
                _factors[entry] *= row.Boundary.Gate(first + (entry / size));
            }
        }

        _from = Array.FindIndex(_factors, factor => factor < 1);
        if (_from < 0)
        {
            return;
        }

        using var scope = NewDisposeScope();
        var tail = Tail(weight);
        _raw = tail.clone().DetachFromDisposeScope();                                                                                       // (O, G)
        _gate = tensor(Array.ConvertAll(_factors[_from..], factor => (float)factor), device: weight.device).DetachFromDisposeScope();         // (G)
        tail.mul_(_gate);
    }

    /// <summary>Adds what the loss says about each boundary, and makes the gradient that of the weight itself.</summary>
    public void PassGradient()
    {
        using var scope = NewDisposeScope();
        if (_raw is null || weight.grad is not { } gradient)
        {
            return;
        }

        var tail = Tail(gradient);
        var products = tail * _raw;
        var pressures = (products.dim() > 1 ? products.sum([0]) : products).cpu().data<float>().ToArray();      // (O, G) -> (G)
        foreach (var (row, first, size) in _gates)
        {
            for (var entry = _from; entry < _factors.Length; entry++)
            {
                var place = first + (entry / size);
                var slope = row.Boundary.Slope(place);
                if (slope > 0)
                {
                    row.Gradient += slope * pressures[entry - _from] * OfOthers(row, entry);
                }
            }
        }

        tail.mul_(_gate!);
    }

    /// <summary>Puts the weight itself back.</summary>
    public void Open()
    {
        using var scope = NewDisposeScope();
        if (_raw is not null)
        {
            Tail(weight).copy_(_raw);
        }

        Dispose();
    }

    public void Dispose()
    {
        _raw?.Dispose();
        _gate?.Dispose();
        (_raw, _gate) = (null, null);
    }

    private double OfOthers(UnitRow own, int entry) => _gates
        .Where(gate => gate.Row != own)
        .Aggregate(1.0, (product, gate) => product * gate.Row.Boundary.Gate(gate.First + (entry / gate.Size)));

    private Tensor Tail(Tensor values) => values.detach().narrow(-1, _from, Entries - _from);
}
