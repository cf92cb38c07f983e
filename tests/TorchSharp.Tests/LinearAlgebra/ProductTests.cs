using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Tests.LinearAlgebra;

public sealed class ProductTests
{
    [Fact]
    public void Products_of_every_rank()
    {
        using var scope = NewDisposeScope();
        var a = arange(6, dtype: float32).reshape(2, 3);
        var v = tensor([1f, 0, 2]);
        Assert.Equal([4f, 13], a.mv(v).data<float>().ToArray());
        Assert.Equal([4f, 13], a.matmul(v).data<float>().ToArray());
        Assert.Equal([5f, 14, 14, 50], a.mm(a.T).data<float>().ToArray());
        Assert.Equal([2L, 2L, 2L], a.unsqueeze(0).repeat(2, 1, 1).bmm(a.T.expand(2, 3, 2)).shape);
        Assert.Equal(5f, v.dot(v).item<float>());
        Assert.Equal([3L, 3L], v.outer(v).shape);
        Assert.Equal(5f, v.inner(v).item<float>());
        Assert.Equal([2L, 3L, 5L], matmul(ones(2, 3, 4), ones(4, 5)).shape);
        Assert.Equal([4L, 9L], ones(2, 3).kron(ones(2, 3)).shape);
    }

    [Fact]
    public void Products_that_add()
    {
        using var scope = NewDisposeScope();
        var a = ones(2, 3);
        var b = ones(3, 2);
        Assert.Equal([7f, 7, 7, 7], ones(2, 2).addmm(a, b, beta: 1, alpha: 2).data<float>().ToArray());
        Assert.Equal([3.5f, 3.5f], ones(2).addmv(a, ones(3), beta: 0.5f).data<float>().ToArray());
        Assert.Equal([3f, 3, 3, 3], zeros(1, 2, 2).baddbmm(a.unsqueeze(0), b.unsqueeze(0)).data<float>().ToArray());
        Assert.Equal([2f, 2], ones(1, 2).addr(ones(1), ones(2)).data<float>().ToArray());
        var x = ones(2, 2);
        Assert.Same(x, x.addmm_(a, b));
        Assert.Equal(4f, x[1, 1].item<float>());
    }

    [Fact]
    public void Einsum_and_tensordot_agree_with_matmul()
    {
        using var scope = NewDisposeScope();
        var a = randn(2, 3, 4);
        var b = randn(2, 4, 5);
        Assert.True(einsum("bij,bjk->bik", a, b).allclose(a.bmm(b), atol: 1e-5));
        Assert.True(tensordot(a[0], b[0], 1).allclose(a[0].mm(b[0]), atol: 1e-5));
        Assert.True(a[0].tensordot(b[0], [1], [0]).allclose(a[0].mm(b[0]), atol: 1e-5));
        Assert.True(linalg.multi_dot([a[0], b[0], ones(5, 1)]).allclose(a[0].mm(b[0]).sum(1, keepdim: true), atol: 1e-4));
    }

    [Fact]
    public void Distances_between_rows()
    {
        using var scope = NewDisposeScope();
        var d = cdist(tensor(new[,] { { 0f, 0 }, { 3, 4 } }), tensor(new[,] { { 0f, 0 } }));
        Assert.Equal([0f, 5f], d.data<float>().ToArray());
        Assert.Equal(5f, tensor([0f, 0]).dist(tensor([3f, 4])).item<float>());
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_exceptions()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ExternalException>(() => ones(2, 3).mm(ones(2, 3)));
        Assert.Throws<ExternalException>(() => ones(2, 3).bmm(ones(3, 2)));
        Assert.Throws<ExternalException>(() => einsum("ij->k", ones(2, 2)));
        Assert.Throws<ArgumentNullException>(() => ones(2, 2).mm(null!));
    }
}
