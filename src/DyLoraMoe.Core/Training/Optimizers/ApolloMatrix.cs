using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Features;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Training;

/// <summary>APOLLO's memory of one matrix, and its step. The projection follows from a seed and the step, so checkpoints need not hold it.</summary>
/// <remarks>Shapes: the matrix is (m, n) with m at most n, or turned; r rank. Projections are (m, r), projected gradients (r, n).</remarks>
internal sealed class ApolloMatrix : IDisposable
{
    private const double Tiny = 1e-8;

    private static readonly ulong _purpose = SeededRandom.Key("apollo projection");

    private readonly Parameter _weight;
    private readonly TrainingOptions _options;
    private readonly ApolloOptions _apollo;
    private readonly ulong _seed;
    private readonly int _rank;
    private readonly int _smaller;
    private readonly Tensor _mean;
    private readonly Tensor _square;
    private readonly Tensor _norm;
    private Tensor? _projection;
    private long _drawn = -1;
    private long _steps;

    /// <param name="name">The weight's name.</param>
    /// <param name="weight">The weight.</param>
    /// <param name="options">Memory and decay, and <see cref="TrainingOptions.Apollo"/>.</param>
    /// <param name="index">Its place among the matrices, so that each has projections of its own.</param>
    public ApolloMatrix(string name, Parameter weight, TrainingOptions options, ulong index)
    {
        (_weight, _options, _apollo) = (weight, options, options.Apollo!);
        _seed = new SeededRandom((ulong)options.Seed, _purpose, index).NextUInt64();
        _smaller = (int)Math.Min(weight.shape[0], weight.shape[1]);
        _rank = Math.Min(_smaller, _apollo.Rank ?? Math.Max(1, _smaller / 4));
        long[] projected = [_rank, Math.Max(weight.shape[0], weight.shape[1])];
        _mean = zeros(projected, device: weight.device).DetachFromDisposeScope();
        _square = zeros(projected, device: weight.device).DetachFromDisposeScope();

        // The norm that the next update is limited by, and how many it was taken from.
        _norm = zeros(2, device: weight.device).DetachFromDisposeScope();
        Memory = new WeightMemory(name, [("exp_avg", _mean), ("exp_avg_sq", _square), ("norm", _norm)], () => _steps, steps => _steps = steps);
    }

    /// <summary>What is remembered: 2·r·n + 2 numbers.</summary>
    public WeightMemory Memory { get; }

    /// <summary>Which projection a step uses, (m, r), counted from 1; the seeded one when null.</summary>
    public Func<long, Tensor>? Projections { get; init; }

    /// <summary>Updates the weight.</summary>
    public void Step(double rate)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        if (_weight.grad is not { } gradient)
        {
            return;
        }

        _steps++;
        var isTurned = _weight.shape[0] > _weight.shape[1];
        var flat = isTurned ? gradient.t() : gradient;                                            // (m, n)
        var seen = Projection().t().matmul(flat);                                                 // (r, m) (m, n) -> (r, n)
        _mean.mul_(_options.Beta1).add_(seen, alpha: 1 - _options.Beta1);
        _square.mul_(_options.Beta2).addcmul_(seen, seen, value: 1 - _options.Beta2);
        var scaled = _mean / (_square.sqrt() + _apollo.Epsilon);
        var update = flat * (Norm(scaled) / (Norm(seen) + Tiny));                                 // (m, n) times (1, n) or (1, 1)
        update = Limited(update) * (_apollo.Scale ?? DefaultScale());
        var corrected = rate * Math.Sqrt(1 - Math.Pow(_options.Beta2, _steps)) / (1 - Math.Pow(_options.Beta1, _steps));
        _weight.add_(isTurned ? update.t() : update, alpha: -corrected);
        if (_options.WeightDecay > 0)
        {
            _weight.mul_(1 - (rate * _options.WeightDecay));
        }
    }

    /// <summary>The limit on norms begins anew.</summary>
    public void ForgetNorms()
    {
        using var _ = no_grad();
        _norm.zero_();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _mean.Dispose();
        _square.Dispose();
        _norm.Dispose();
        _projection?.Dispose();
    }

    private double DefaultScale() => _apollo.Granularity == ApolloGranularity.Tensor ? Math.Sqrt(Math.Max(1, _smaller / 4.0)) : 1;

    // Along the smaller dimension, or of the whole.
    private Tensor Norm(Tensor projected) => _apollo.Granularity == ApolloGranularity.Channel
        ? (projected * projected).sum(0, keepdim: true).sqrt()
        : (projected * projected).sum().sqrt().view(1, 1);

    // Tensors all the way: a limit that the host had to look at would make it wait for the device once a matrix and step.
    private Tensor Limited(Tensor update)
    {
        var norm = (update * update).sum().sqrt();
        var (known, count) = (_norm.narrow(0, 0, 1), _norm.narrow(0, 1, 1));
        var (isWarm, hasMoved) = (count >= _apollo.NormWarmUp, norm > 0);
        var excess = where(isWarm, (norm / (known + Tiny)).clamp_min(_apollo.NormGrowth) / _apollo.NormGrowth, ones_like(known));
        var limited = norm / excess;

        // A step without any gradient says nothing of norms: a limit of zero would stop the matrix for good.
        known.copy_(where(hasMoved, where(isWarm, limited, known + ((norm - known) / (count + 1))), known));
        count.copy_((count + hasMoved.to_type(ScalarType.Float32)).clamp_max(_apollo.NormWarmUp));
        return update / excess;
    }

    private Tensor Projection()
    {
        if (Projections is { } given)
        {
            return given(_steps);
        }

        var epoch = (_steps - 1) / _apollo.RenewEvery;
        if (_drawn != epoch)
        {
            using var drawn = RandomProjection.Matrix(_smaller, _rank, new SeededRandom(_seed, (ulong)epoch).NextUInt64());
            _projection?.Dispose();
            _projection = drawn.to(_weight.device, copy: true).DetachFromDisposeScope();
            _drawn = epoch;
        }

        return _projection!;
    }
}
