using System.Collections.Generic;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Decompositions and solvers, of single matrices and of batches.</summary>
    public static unsafe partial class linalg
    {
        public static Tensor cholesky(Tensor input) => input.cholesky();

        public static Tensor cond(Tensor input, int p) => Native.st_cond(input, (double)p);

        public static Tensor cond(Tensor input, double p) => Native.st_cond(input, p);

        public static Tensor cond(Tensor input) => Native.st_cond(input, default);

        public static Tensor cross(Tensor input, Tensor other, long dim = -1) => Native.st_cross(input, other, dim);

        public static Tensor det(Tensor input) => Native.st_det(input);

        public static Tensor diagonal(Tensor input, int offset = 0, int dim1 = -2, int dim2 = -1) => input.diagonal(offset, dim1, dim2);

        public static Tensor eigvals(Tensor input) => Native.st_eigvals(input);

        public static Tensor eigvalsh(Tensor input, char UPLO = 'L') => Native.st_eigvalsh(input, UPLO.ToString());

        public static Tensor householder_product(Tensor A, Tensor tau) => Native.st_householder_product(A, tau);

        public static Tensor inv(Tensor input) => Native.st_inv(input);

        public static Tensor matrix_exp(Tensor input) => Native.st_matrix_exp(input);

        public static Tensor matrix_norm(Tensor input, string ord = "fro", long[]? dims = null, bool keepdim = false) => Native.st_matrix_norm(input, default, ord, dims ?? LastTwo, LastTwo.Length, keepdim.Int());

        public static Tensor matrix_norm(Tensor input, double ord, long[]? dims = null, bool keepdim = false) => Native.st_matrix_norm(input, ord, null, dims ?? LastTwo, LastTwo.Length, keepdim.Int());

        public static Tensor matrix_rank(Tensor input, double? atol = null, double? rtol = null, bool hermitian = false) => Native.st_matrix_rank(input, ScalarValue.Optional(atol), ScalarValue.Optional(rtol), hermitian.Int());

        public static Tensor norm(Tensor input, string ord, long[]? dims = null, bool keepdim = false) => Native.st_linalg_norm(input, default, ord, dims, dims.LengthOrNone(), keepdim.Int());

        public static Tensor norm(Tensor input, double ord, long[]? dims = null, bool keepdim = false) => Native.st_linalg_norm(input, ord, null, dims, dims.LengthOrNone(), keepdim.Int());

        public static Tensor norm(Tensor input, int ord, long[]? dims = null, bool keepdim = false) => Native.st_linalg_norm(input, (double)ord, null, dims, dims.LengthOrNone(), keepdim.Int());

        public static Tensor norm(Tensor input, long[]? dims = null, bool keepdim = false) => Native.st_linalg_norm(input, default, null, dims, dims.LengthOrNone(), keepdim.Int());

        public static Tensor pinv(Tensor input, double? atol = null, double? rtol = null, bool hermitian = false) => Native.st_pinv(input, ScalarValue.Optional(atol), ScalarValue.Optional(rtol), hermitian.Int());

        public static Tensor solve(Tensor A, Tensor B, bool left = true) => Native.st_solve(A, B, left.Int());

        public static Tensor svdvals(Tensor input) => Native.st_svdvals(input);

        public static Tensor vector_norm(Tensor input, double ord = 2, long[]? dims = null, bool keepdim = false) => Native.st_vector_norm(input, ord, dims, dims.LengthOrNone(), keepdim.Int());

        public static Tensor vander(Tensor input, long? N = null) => Native.st_vander(input, N ?? 0, (N is not null).Int());

        public static (Tensor U, Tensor S, Tensor Vh) svd(Tensor input, bool fullMatrices = true)
        {
            var results = stackalloc nint[3];
            return Native.Triple(Native.st_svd(input, fullMatrices.Int(), results), results);
        }

        public static (Tensor, Tensor) eig(Tensor input)
        {
            var results = stackalloc nint[2];
            return Native.Pair(Native.st_eig(input, results), results);
        }

        /// <summary>Eigenvalues, ascending, and eigenvectors of symmetric matrices; UPLO is the triangle that is read.</summary>
        public static (Tensor, Tensor) eigh(Tensor input, char UPLO = 'L')
        {
            var results = stackalloc nint[2];
            return Native.Pair(Native.st_eigh(input, UPLO.ToString(), results), results);
        }

        public static (Tensor Q, Tensor R) qr(Tensor input, QRMode mode = QRMode.Reduced)
        {
            var results = stackalloc nint[2];
            return Native.Pair(Native.st_qr(input, ModeName(mode), results), results);
        }

        public static (Tensor, Tensor) slogdet(Tensor input)
        {
            var results = stackalloc nint[2];
            return Native.Pair(Native.st_slogdet(input, results), results);
        }

        public static (Tensor L, Tensor info) cholesky_ex(Tensor input, bool check_errors = false)
        {
            var results = stackalloc nint[2];
            return Native.Pair(Native.st_cholesky_ex(input, check_errors.Int(), results), results);
        }

        public static (Tensor L, Tensor info) inv_ex(Tensor input, bool check_errors = false)
        {
            var results = stackalloc nint[2];
            return Native.Pair(Native.st_inv_ex(input, check_errors.Int(), results), results);
        }

        public static (Tensor LU, Tensor Pivots) lu_factor(Tensor input, bool pivot = true)
        {
            var results = stackalloc nint[2];
            return Native.Pair(Native.st_lu_factor(input, pivot.Int(), results), results);
        }

        public static Tensor multi_dot(IList<Tensor> tensors)
        {
            using var list = new TensorList(tensors);
            return Native.st_chain_matmul(list.Handles, list.Count);
        }

        public static (Tensor Solution, Tensor Residuals, Tensor Rank, Tensor SingularValues) lstsq(Tensor input, Tensor other) => Lstsq(input, other, default);

        public static (Tensor Solution, Tensor Residuals, Tensor Rank, Tensor SingularValues) lstsq(Tensor input, Tensor other, double rcond) => Lstsq(input, other, rcond);

        /// <summary>Solves A X = B (or X A = B) for a triangular A.</summary>
        public static Tensor solve_triangular(Tensor A, Tensor B, bool upper, bool left = true, bool unitriangular = false, Tensor? @out = null)
        {
            var result = Native.st_solve_triangular(A, B, upper.Int(), left.Int(), unitriangular.Int());
            if (@out is null)
            {
                return result;
            }

            using (result)
            {
                return @out.copy_(result);
            }
        }

        public enum QRMode
        {
            Reduced = 0,
            Complete = 1,
            R = 2,
        }

        private static readonly long[] LastTwo = [-2, -1];

        private static string ModeName(QRMode mode) => mode switch
        {
            QRMode.Complete => "complete",
            QRMode.R => "r",
            _ => "reduced",
        };

        private static (Tensor Solution, Tensor Residuals, Tensor Rank, Tensor SingularValues) Lstsq(Tensor input, Tensor other, ScalarValue rcond)
        {
            var results = stackalloc nint[4];
            Native.Check(Native.st_lstsq(input, other, rcond, results));
            return (new Tensor(results[0]), new Tensor(results[1]), new Tensor(results[2]), new Tensor(results[3]));
        }
    }
}
