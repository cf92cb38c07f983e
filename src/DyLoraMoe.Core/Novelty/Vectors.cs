namespace DyLoraMoe.Core.Novelty;

/// <summary>Points in the whitened space.</summary>
internal static class Vectors
{
    /// <summary>How far two points are apart.</summary>
    public static double Distance(double[] one, double[] other)
    {
        var sum = 0.0;
        for (var i = 0; i < one.Length; i++)
        {
            sum += (one[i] - other[i]) * (one[i] - other[i]);
        }

        return Math.Sqrt(sum);
    }
}
