namespace DyLoraMoe.Core.Data.Diversity;

/// <summary>
/// How many different things samples effectively are (Friedman and Dieng, "The Vendi Score", https://arxiv.org/abs/2210.02410):
/// exp(-sum of l log l) over the eigenvalues l of K / N, where K holds the cosine similarities of N feature vectors. 1 where all point one
/// way, N where no two share anything. The time is cubic in N.
/// </summary>
public static class VendiScore
{
    /// <summary>Most samples, so that a score takes seconds.</summary>
    public const int MostSamples = 512;

    /// <summary>The score of feature vectors.</summary>
    /// <param name="features">(N, <paramref name="width"/>) row after row. A vector of zeros is like nothing else.</param>
    /// <param name="width">Numbers of a vector.</param>
    /// <returns>1 to N; 0 for no vectors.</returns>
    /// <exception cref="ArgumentException">The features are not whole vectors, not finite, or more than <see cref="MostSamples"/>.</exception>
    public static double Of(ReadOnlySpan<float> features, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (features.Length % width != 0 || features.Length / width > MostSamples)
        {
            throw new ArgumentException($"Expected at most {MostSamples} vectors of {width} numbers, found {features.Length} numbers; take fewer samples.", nameof(features));
        }

        var unit = UnitVectors(features, width);
        var similarity = unit.Select(a => Array.ConvertAll(unit, b => Dot(a, b) / unit.Length)).ToArray();                  // (N, N)
        for (var i = 0; i < unit.Length; i++)
        {
            similarity[i][i] = 1.0 / unit.Length;
        }

        var entropy = SymmetricEigenvalues.Of(similarity).Where(value => value > 0).Sum(value => -value * Math.Log(value));
        return unit.Length == 0 ? 0 : Math.Exp(entropy);
    }

    private static double[][] UnitVectors(ReadOnlySpan<float> features, int width)
    {
        var unit = new double[features.Length / width][];
        for (var i = 0; i < unit.Length; i++)
        {
            var vector = new double[width];
            for (var j = 0; j < width; j++)
            {
                vector[j] = features[(i * width) + j];
            }

            var norm = Math.Sqrt(Dot(vector, vector));
            if (!double.IsFinite(norm))
            {
                throw new ArgumentException($"The features of sample {i} are not finite; the backbone cannot describe it.", nameof(features));
            }

            unit[i] = norm == 0 ? vector : Array.ConvertAll(vector, value => value / norm);
        }

        return unit;
    }

    private static double Dot(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }
}
