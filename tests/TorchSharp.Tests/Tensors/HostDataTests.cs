using static TorchSharp.torch;

namespace TorchSharp.Tests.Tensors;

public sealed class HostDataTests
{
    [Fact]
    public void Elements_come_out_in_row_major_order_whatever_the_strides()
    {
        using var scope = NewDisposeScope();
        var x = arange(6, dtype: float32).reshape(2, 3);
        Assert.Equal([0f, 1, 2, 3, 4, 5], x.data<float>().ToArray());
        Assert.Equal([0f, 3, 1, 4, 2, 5], x.T.data<float>().ToArray());
        Assert.Equal([1f, 4], x[.., 1].data<float>().ToArray());
    }

    [Fact]
    public void An_accessor_reads_and_writes_in_place()
    {
        using var scope = NewDisposeScope();
        var x = zeros(2, 3);
        var data = x.data<float>();
        data[1, 2] = 7;
        data[0] = 5;
        Assert.Equal([5f, 0, 0, 0, 0, 7], data.ToArray());
        Assert.Equal(7f, x[1, 2].item<float>());
        data.CopyFrom(new float[] { 1, 2, 3 }, 0, 1);
        Assert.Equal([5f, 1, 2, 3, 0, 7], data);
        var part = new float[2];
        data.CopyTo(part, 0, 2);
        Assert.Equal([2f, 3f], part);
        Assert.Equal(6, data.Count);
    }

    [Fact]
    public void An_accessor_writes_through_strides()
    {
        using var scope = NewDisposeScope();
        var x = zeros(2, 3);
        x.T.data<float>().CopyFrom([1, 2, 3, 4, 5, 6]);
        Assert.Equal([1f, 3, 5, 2, 4, 6], x.data<float>().ToArray());
    }

    [Fact]
    public void Arrays_of_the_same_rank_come_back()
    {
        using var scope = NewDisposeScope();
        var array = (float[,])arange(6, dtype: float32).reshape(2, 3).data<float>().ToNDArray();
        Assert.Equal(5f, array[1, 2]);
        Assert.Equal([2], ((long[,,])zeros([2, 1, 1], dtype: int64).data<long>().ToNDArray()).GetLength(0) is var n ? [n] : []);
    }

    [Fact]
    public void Bytes_are_the_memory_itself()
    {
        using var scope = NewDisposeScope();
        var x = tensor([1, 2]);
        Assert.Equal([1, 0, 0, 0, 2, 0, 0, 0], x.bytes.ToArray());
        x.bytes[0] = 3;
        Assert.Equal(3, x[0].item<int>());
        x.bytes = new byte[] { 9, 0, 0, 0, 8, 0, 0, 0 };
        Assert.Equal([9, 8], x.data<int>().ToArray());
        Assert.Throws<ArgumentException>(() => x.bytes = new byte[3]);
        Assert.ThrowsAny<Exception>(() => ones(2, 2).T.bytes.Length);
    }

    [Fact]
    public void The_asked_type_must_be_the_tensors()
    {
        using var x = ones(2);
        Assert.Throws<ArgumentException>(() => x.data<double>());
        using var brain = ones(2, dtype: bfloat16);
        Assert.Throws<ArgumentException>(() => brain.data<ushort>());
        Assert.Equal(1f, brain.ReadCpuBFloat16(1));
    }

    [Fact]
    public void Item_wants_exactly_one_element()
    {
        using var x = ones(2);
        Assert.Throws<ArgumentException>(() => x.item<float>());
        using var one = ones(1, 1);
        Assert.Equal(1f, one.item<float>());
    }

    [Fact]
    public void Out_of_range_positions_are_errors()
    {
        using var x = ones(2, 2);
        Assert.Throws<IndexOutOfRangeException>(() => x.data<float>()[4]);
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Int32)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.Byte)]
    public void Single_elements_convert_to_every_number(ScalarType type)
    {
        using var x = full(1, 3, dtype: type);
        Assert.Equal(3f, x.ToSingle());
        Assert.Equal(3.0, x.ToDouble());
        Assert.Equal(3, x.ToScalar().ToInt32());
        Assert.Equal(3L, x.ToScalar().ToInt64());
        Assert.Equal(3.0, (double)x);
    }

    [Fact]
    public void Bytes_go_to_a_stream_and_back()
    {
        using var scope = NewDisposeScope();
        var x = randn(5, 3).T;
        using var stream = new MemoryStream();
        x.WriteBytesToStream(stream);
        Assert.Equal(60, stream.Length);
        stream.Position = 0;
        var y = zeros(3, 5);
        y.ReadBytesFromStream(stream);
        Assert.True(x.equal(y).all().item<bool>());
    }

    [Fact]
    public void Numbers_become_tensors_where_one_is_expected()
    {
        using var scope = NewDisposeScope();
        Tensor x = 2.5f;
        Assert.Equal(2.5f, x.item<float>());
        x = new[] { 1L, 2L };
        Assert.Equal([2L], x.shape);
        Assert.Equal([1f, 2f], new[] { 1f, 2f }.ToTensor([2]).data<float>().ToArray());
    }
}
