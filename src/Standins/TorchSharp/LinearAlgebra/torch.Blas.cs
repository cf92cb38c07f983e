using System.Collections.Generic;
using System.Linq;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>The distance between every two rows.</summary>
    public static Tensor cdist(Tensor x1, Tensor x2, double p = 2.0, compute_mode compute_mode = compute_mode.use_mm_for_euclid_dist_if_necessary) =>
        Native.st_cdist(x1, x2, p, (long)compute_mode);

    public static Tensor cholesky(Tensor input) => input.cholesky();

    public static Tensor norm(Tensor input) => input.norm();

    public static unsafe (Tensor res, Tensor logabsdet) slogdet(Tensor A) => linalg.slogdet(A);

    public static unsafe Tensor chain_matmul(params Tensor[] matrices)
    {
        using var list = new TensorList(matrices);
        return Native.st_chain_matmul(list.Handles, list.Count);
    }

    public static Tensor tensordot(Tensor a, Tensor b, long dims = 2) => a.tensordot(b, dims);

    public static Tensor tensordot(Tensor a, Tensor b, (long, long)[] dims) => a.tensordot(b, dims);

    public partial class Tensor
    {
        /// <summary>Sums over the last dimensions of this tensor and the first of the other.</summary>
        public Tensor tensordot(Tensor b, long dims = 2)
        {
            var (mine, theirs) = (new List<long>(), new List<long>());
            for (var i = 0L; i < dims; i++)
            {
                mine.Add(i - dims);
                theirs.Add(i);
            }

            return tensordot(b, [.. mine], [.. theirs]);
        }

        public Tensor tensordot(Tensor b, (long, long)[] dims) =>
            tensordot(b, dims.Select(pair => pair.Item1).ToArray(), dims.Select(pair => pair.Item2).ToArray());
    }
}
