using static TorchSharp.torch;

namespace TorchSharp.Tests.Tensors;

public sealed class PrintingTests
{
    [Fact]
    public void A_tensor_prints_as_its_metadata()
    {
        using var scope = NewDisposeScope();
        Assert.Equal("[2x3], type = Float32, device = cpu", ones(2, 3).ToString());
        Assert.Equal("[], type = Int64, device = cpu", tensor(1L).ToString());
        Assert.Equal("[2x3], type = Float32, device = cpu", ones(2, 3).metastr());
    }

    [Fact]
    public void Values_print_in_brackets()
    {
        using var scope = NewDisposeScope();
        Assert.Equal("[1.5, 2]", tensor([1.5f, 2f]).npstr(newLine: "\n"));
        Assert.Equal("[[1, 2]\n [3, 4]]", tensor(new[,] { { 1L, 2 }, { 3, 4 } }).npstr(newLine: "\n"));
        Assert.Equal("True", tensor(true).npstr());
    }
}
