using System.Numerics;
using System.Runtime.InteropServices;

namespace DyLoraMoe.Core.Memory;

/// <summary>
/// Says which prompts are alike. Features are standardised by the latest different prompts, <c>z = (f − μ) / σ</c>, so that a cosine compares
/// what sets prompts apart and not what all have in common; and alike is what has a larger cosine than all but a small share of the pairs
/// of those prompts. Not thread-safe.
/// </summary>
/// <param name="share">Share of pairs of different prompts that may count as alike.</param>
/// <param name="least">Prompts below which nothing is said.</param>
/// <param name="capacity">Prompts that are remembered.</param>
/// <remarks>Shapes: N prompts, F features.</remarks>
public sealed class FeatureScale(double share = 0.01, int least = 16, int capacity = 128)
{
    // Below this two prompts are not alike, however scattered the others are.
    private const double LeastCosine = 0.5;
    private const int Renewal = 16;

    private readonly List<float[]> _prompts = [];
    private float[] _mean = [];
    private float[] _precision = [];
    private double _threshold = double.NaN;
    private int _new;

    /// <summary>Cosine from which on two prompts are alike; null as long as too few were seen.</summary>
    public double? Threshold
    {
        get
        {
            Renew();
            return double.IsNaN(_threshold) ? null : _threshold;
        }
    }

    /// <summary>Takes in a prompt. One that was seen already counts once.</summary>
    /// <param name="features">F numbers, the same F for all prompts.</param>
    public void Observe(float[] features)
    {
        ArgumentNullException.ThrowIfNull(features);
        if (_prompts.Exists(known => known.AsSpan().SequenceEqual(features)))
        {
            return;
        }

        _prompts.Add(features);
        if (_prompts.Count > capacity)
        {
            _prompts.RemoveAt(0);
        }

        _new++;
    }

    /// <summary>Cosine of two prompts in standardised features, -1 to 1.</summary>
    /// <param name="one">F numbers.</param>
    /// <param name="other">F numbers.</param>
    public double Cosine(ReadOnlySpan<float> one, ReadOnlySpan<float> other)
    {
        Renew();
        return _mean.Length == one.Length && one.Length == other.Length ? CosineOf(one, other) : 0;
    }

    private void Renew()
    {
        if (_prompts.Count < Math.Max(2, least) || (_new < Renewal && !double.IsNaN(_threshold)))
        {
            return;
        }

        _new = 0;
        (_mean, _precision) = Standard();
        var cosines = new List<double>(_prompts.Count * (_prompts.Count - 1) / 2);
        for (var one = 0; one < _prompts.Count; one++)
        {
            for (var other = 0; other < one; other++)
            {
                cosines.Add(CosineOf(_prompts[one], _prompts[other]));
            }
        }

        cosines.Sort();
        _threshold = Math.Max(LeastCosine, cosines[Math.Min(cosines.Count - 1, (int)Math.Ceiling(cosines.Count * (1 - share)) - 1)]);
    }

    private (float[] Mean, float[] Precision) Standard()
    {
        var (width, count) = (_prompts[0].Length, _prompts.Count);
        var (mean, deviation) = (new double[width], new double[width]);
        foreach (var prompt in _prompts)
        {
            for (var at = 0; at < width; at++)
            {
                mean[at] += prompt[at] / (double)count;
            }
        }

        foreach (var prompt in _prompts)
        {
            for (var at = 0; at < width; at++)
            {
                deviation[at] += (prompt[at] - mean[at]) * (prompt[at] - mean[at]) / count;
            }
        }

        // A feature that hardly varies among the prompts would drown the others once it does.
        var floor = Math.Max(1e-8, 0.1 * deviation.Average(Math.Sqrt));
        return (Array.ConvertAll(mean, value => (float)value), Array.ConvertAll(deviation, variance => (float)(1 / Math.Max(variance, floor * floor))));
    }

    private double CosineOf(ReadOnlySpan<float> one, ReadOnlySpan<float> other)
    {
        Vector<float> products = default, ones = default, others = default;
        var means = MemoryMarshal.Cast<float, Vector<float>>(_mean.AsSpan());
        var precisions = MemoryMarshal.Cast<float, Vector<float>>(_precision.AsSpan());
        var left = MemoryMarshal.Cast<float, Vector<float>>(one);
        var right = MemoryMarshal.Cast<float, Vector<float>>(other);
        for (var at = 0; at < means.Length; at++)
        {
            var (x, y) = (left[at] - means[at], right[at] - means[at]);
            products += x * y * precisions[at];
            ones += x * x * precisions[at];
            others += y * y * precisions[at];
        }

        double product = Vector.Sum(products), square = Vector.Sum(ones), otherSquare = Vector.Sum(others);
        for (var at = means.Length * Vector<float>.Count; at < one.Length; at++)
        {
            var (x, y) = (one[at] - _mean[at], other[at] - _mean[at]);
            product += x * y * _precision[at];
            square += x * x * _precision[at];
            otherSquare += y * y * _precision[at];
        }

        return square > 0 && otherSquare > 0 ? Math.Clamp(product / Math.Sqrt(square * otherSquare), -1, 1) : 0;
    }
}
