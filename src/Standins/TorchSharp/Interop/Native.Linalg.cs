using System;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

// native/linalg.cpp
internal static unsafe partial class Native
{
    [LibraryImport(Library)]
    internal static partial Tensor st_matmul(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_mm(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_mv(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_bmm(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_dot(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_vdot(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_outer(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_inner(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_kron(Tensor x, Tensor other);

    [LibraryImport(Library)]
    internal static partial Tensor st_addmm(Tensor x, Tensor first, Tensor second, double beta, double alpha);

    [LibraryImport(Library)]
    internal static partial int st_addmm_(Tensor x, Tensor first, Tensor second, double beta, double alpha);

    [LibraryImport(Library)]
    internal static partial Tensor st_addmv(Tensor x, Tensor first, Tensor second, double beta, double alpha);

    [LibraryImport(Library)]
    internal static partial int st_addmv_(Tensor x, Tensor first, Tensor second, double beta, double alpha);

    [LibraryImport(Library)]
    internal static partial Tensor st_addbmm(Tensor x, Tensor first, Tensor second, double beta, double alpha);

    [LibraryImport(Library)]
    internal static partial int st_addbmm_(Tensor x, Tensor first, Tensor second, double beta, double alpha);

    [LibraryImport(Library)]
    internal static partial Tensor st_baddbmm(Tensor x, Tensor first, Tensor second, double beta, double alpha);

    [LibraryImport(Library)]
    internal static partial int st_baddbmm_(Tensor x, Tensor first, Tensor second, double beta, double alpha);

    [LibraryImport(Library)]
    internal static partial Tensor st_addr(Tensor x, Tensor first, Tensor second, double beta, double alpha);

    [LibraryImport(Library)]
    internal static partial int st_addr_(Tensor x, Tensor first, Tensor second, double beta, double alpha);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial Tensor st_einsum(string equation, nint* list, long count);

    [LibraryImport(Library)]
    internal static partial Tensor st_tensordot(Tensor x, Tensor other, ReadOnlySpan<long> dims1, long dims1N, ReadOnlySpan<long> dims2, long dims2N);

    [LibraryImport(Library)]
    internal static partial Tensor st_chain_matmul(nint* list, long count);

    [LibraryImport(Library)]
    internal static partial Tensor st_cdist(Tensor x, Tensor other, double p, long computeMode);

    [LibraryImport(Library)]
    internal static partial Tensor st_cross(Tensor x, Tensor other, long dim);

    [LibraryImport(Library)]
    internal static partial Tensor st_matrix_power(Tensor x, long n);

    [LibraryImport(Library)]
    internal static partial Tensor st_matrix_exp(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_svd(Tensor x, int fullMatrices, nint* @out);

    [LibraryImport(Library)]
    internal static partial Tensor st_svdvals(Tensor x);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int st_qr(Tensor x, string mode, nint* @out);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int st_eigh(Tensor x, string uplo, nint* @out);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial Tensor st_eigvalsh(Tensor x, string uplo);

    [LibraryImport(Library)]
    internal static partial int st_eig(Tensor x, nint* @out);

    [LibraryImport(Library)]
    internal static partial Tensor st_eigvals(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_cholesky(Tensor x, int upper);

    [LibraryImport(Library)]
    internal static partial int st_cholesky_ex(Tensor x, int checkErrors, nint* @out);

    [LibraryImport(Library)]
    internal static partial Tensor st_cholesky_inverse(Tensor x, int upper);

    [LibraryImport(Library)]
    internal static partial Tensor st_cholesky_solve(Tensor x, Tensor factor, int upper);

    [LibraryImport(Library)]
    internal static partial Tensor st_solve(Tensor a, Tensor b, int left);

    [LibraryImport(Library)]
    internal static partial Tensor st_solve_triangular(Tensor a, Tensor b, int upper, int left, int unitriangular);

    [LibraryImport(Library)]
    internal static partial int st_lstsq(Tensor a, Tensor b, ScalarValue rcond, nint* @out);

    [LibraryImport(Library)]
    internal static partial Tensor st_inv(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_inv_ex(Tensor x, int checkErrors, nint* @out);

    [LibraryImport(Library)]
    internal static partial Tensor st_pinv(Tensor x, ScalarValue atol, ScalarValue rtol, int hermitian);

    [LibraryImport(Library)]
    internal static partial Tensor st_pinv_rcond(Tensor x, double rcond, int hermitian);

    [LibraryImport(Library)]
    internal static partial Tensor st_det(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_logdet(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_slogdet(Tensor x, nint* @out);

    [LibraryImport(Library)]
    internal static partial Tensor st_matrix_rank(Tensor x, ScalarValue atol, ScalarValue rtol, int hermitian);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial Tensor st_linalg_norm(Tensor x, ScalarValue ord, string? namedOrd, ReadOnlySpan<long> dims, long dimsN, int keepdim);

    [LibraryImport(Library)]
    internal static partial Tensor st_vector_norm(Tensor x, ScalarValue ord, ReadOnlySpan<long> dims, long dimsN, int keepdim);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial Tensor st_matrix_norm(Tensor x, ScalarValue ord, string? namedOrd, ReadOnlySpan<long> dims, long dimsN, int keepdim);

    [LibraryImport(Library)]
    internal static partial Tensor st_cond(Tensor x, ScalarValue p);

    [LibraryImport(Library)]
    internal static partial int st_lu_factor(Tensor x, int pivot, nint* @out);

    [LibraryImport(Library)]
    internal static partial Tensor st_householder_product(Tensor x, Tensor tau);

    [LibraryImport(Library)]
    internal static partial Tensor st_vander(Tensor x, long n, int hasN);
}
