using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Tests.LinearAlgebra;

public sealed class DecompositionTests
{
    private static Tensor Random(params long[] shape)
    {
        using var generator = new Generator(7);
        return randn(shape, float64, generator: generator);
    }

    private static Tensor Positive(int n)
    {
        var x = Random(n, n);
        return x.mm(x.T) + n * eye(n, dtype: float64);
    }

    [Fact]
    public void Svd_multiplies_back_and_its_values_agree_with_svdvals()
    {
        using var scope = NewDisposeScope();
        var x = Random(5, 3);
        var (u, s, vh) = linalg.svd(x, fullMatrices: false);
        Assert.Equal([5L, 3L], u.shape);
        Assert.True((u * s).mm(vh).allclose(x));
        Assert.True(linalg.svdvals(x).allclose(s));
        Assert.True(u.T.mm(u).allclose(eye(3, dtype: float64)));
        Assert.Equal([5L, 5L], linalg.svd(x).U.shape);
    }

    [Fact]
    public void Qr_is_orthogonal_times_triangular()
    {
        using var scope = NewDisposeScope();
        var x = Random(4, 3);
        var (q, r) = linalg.qr(x);
        Assert.True(q.mm(r).allclose(x));
        Assert.True(q.T.mm(q).allclose(eye(3, dtype: float64)));
        Assert.True(r.triu().equal(r).all().item<bool>());
        Assert.Equal([4L, 4L], linalg.qr(x, linalg.QRMode.Complete).Q.shape);
    }

    [Fact]
    public void Eigh_gives_ascending_values_and_vectors_that_rebuild_the_matrix()
    {
        using var scope = NewDisposeScope();
        var a = Positive(4);
        var (values, vectors) = linalg.eigh(a);
        Assert.True((vectors * values).mm(vectors.T).allclose(a));
        Assert.True(values.diff().ge(0).all().item<bool>());
        Assert.True(linalg.eigvalsh(a).allclose(values));
    }

    [Fact]
    public void Cholesky_and_solvers_agree()
    {
        using var scope = NewDisposeScope();
        var a = Positive(4);
        var b = Random(4, 2);
        var l = linalg.cholesky(a);
        Assert.True(l.mm(l.T).allclose(a));
        var x = linalg.solve(a, b);
        Assert.True(a.mm(x).allclose(b));
        var y = linalg.solve_triangular(l, b, upper: false);
        Assert.True(linalg.solve_triangular(l.T, y, upper: true).allclose(x));
        Assert.True(b.cholesky_solve(l).allclose(x));
        Assert.True(linalg.inv(a).mm(b).allclose(x));
        Assert.True(linalg.lstsq(a, b).Solution.allclose(x));
        Assert.True(linalg.pinv(a).allclose(a.inverse()));
        var (_, info) = linalg.cholesky_ex(-a);
        Assert.NotEqual(0, info.item<int>());
    }

    [Fact]
    public void Determinants()
    {
        using var scope = NewDisposeScope();
        var a = tensor(new[,] { { 2.0, 1 }, { 1, 3 } });
        Assert.Equal(5.0, linalg.det(a).item<double>(), 1e-12);
        var (sign, log) = linalg.slogdet(a);
        Assert.Equal(1.0, sign.item<double>());
        Assert.Equal(Math.Log(5), log.item<double>(), 1e-12);
        Assert.Equal(5.0, a.trace().item<double>());
    }

    [Fact]
    public void Ranks_and_norms()
    {
        using var scope = NewDisposeScope();
        var a = ones(3, 3, dtype: float64);
        Assert.Equal(1L, linalg.matrix_rank(a).item<long>());
        Assert.Equal(3.0, linalg.matrix_norm(a).item<double>(), 1e-12);
        Assert.Equal(3.0, linalg.matrix_norm(a, "nuc").item<double>(), 1e-12);
        Assert.Equal(3.0, linalg.matrix_norm(a, double.PositiveInfinity).item<double>(), 1e-12);
        Assert.Equal(3.0, linalg.norm(a, "fro").item<double>(), 1e-12);
        Assert.Equal(3.0, linalg.norm(a, 2).item<double>(), 1e-12);
    }

    [Fact]
    public void A_singular_matrix_is_an_exception()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ExternalException>(() => linalg.inv(zeros(2, 2)));
        Assert.Throws<ExternalException>(() => linalg.cholesky(-eye(2)));
        Assert.Throws<ExternalException>(() => linalg.svd(ones(3)));
    }

    [Fact]
    public void Gradients_flow_through_decompositions()
    {
        using var scope = NewDisposeScope();
        var a = Positive(3).requires_grad_();
        linalg.slogdet(a).Item2.backward();
        Assert.True(a.grad!.allclose(a.detach().inverse().T));
    }
}
