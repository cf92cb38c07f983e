namespace DyLoraMoe.Core.Data.Diversity;

/// <summary>
/// Eigenvalues of a real symmetric matrix by cyclic Jacobi rotations (Golub and Van Loan, "Matrix Computations", section 8.5): exact to
/// rounding, and quick enough for a few hundred rows.
/// </summary>
internal static class SymmetricEigenvalues
{
    // Convergence is quadratic: ten sweeps are more than any matrix of this size has been seen to need.
    private const int MostSweeps = 50;
    private const double Tolerance = 1e-12;

    /// <summary>The eigenvalues, in no order.</summary>
    /// <param name="matrix">n rows of n, symmetric; used up.</param>
    public static double[] Of(double[][] matrix)
    {
        var size = Norm(matrix, diagonal: true);
        for (var sweep = 0; sweep < MostSweeps && Norm(matrix, diagonal: false) > Tolerance * size; sweep++)
        {
            for (var p = 0; p < matrix.Length; p++)
            {
                for (var q = p + 1; q < matrix.Length; q++)
                {
                    Rotate(matrix, p, q);
                }
            }
        }

        return [.. matrix.Select((row, i) => row[i])];
    }

    // Makes a[p][q] zero by the smaller of the two angles that do.
    private static void Rotate(double[][] a, int p, int q)
    {
        if (a[p][q] == 0)
        {
            return;
        }

        var theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        var t = (theta < 0 ? -1 : 1) / (Math.Abs(theta) + Math.Sqrt((theta * theta) + 1));
        var c = 1 / Math.Sqrt((t * t) + 1);
        var s = t * c;
        var (rowP, rowQ) = (a[p], a[q]);
        var (pp, qq, pq) = (rowP[p], rowQ[q], rowP[q]);
        for (var k = 0; k < a.Length; k++)
        {
            var (kp, kq) = (rowP[k], rowQ[k]);
            a[k][p] = rowP[k] = (c * kp) - (s * kq);
            a[k][q] = rowQ[k] = (s * kp) + (c * kq);
        }

        (rowP[p], rowQ[q], rowP[q], rowQ[p]) = (pp - (t * pq), qq + (t * pq), 0, 0);
    }

    private static double Norm(double[][] matrix, bool diagonal)
    {
        var sum = 0.0;
        for (var i = 0; i < matrix.Length; i++)
        {
            for (var j = 0; j < matrix.Length; j++)
            {
                sum += i == j && !diagonal ? 0 : matrix[i][j] * matrix[i][j];
            }
        }

        return Math.Sqrt(sum);
    }
}
