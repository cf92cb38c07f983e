using static TorchSharp.torch;

namespace TorchSharp.Tests.Tensors;

public sealed class CreationTests
{
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.Int32)]
    [InlineData(ScalarType.Int16)]
    [InlineData(ScalarType.Int8)]
    [InlineData(ScalarType.Byte)]
    [InlineData(ScalarType.Bool)]
    [InlineData(ScalarType.ComplexFloat32)]
    public void Every_type_can_be_made_and_filled(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var x = ones([2, 3], dtype: type);
        Assert.Equal(type, x.dtype);
        Assert.Equal([2L, 3L], x.shape);
        Assert.Equal(6.0, x.to(float64).sum().item<double>());
        Assert.Equal(0.0, zeros_like(x).to(float64).sum().item<double>());
    }

    [Fact]
    public void The_default_type_is_that_of_what_is_made()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(float32, zeros(1).dtype);
        Assert.Equal(float32, rand(1).dtype);
        Assert.Equal(int64, full(1, 3).dtype);
        Assert.Equal(float32, full(1, 3.0).dtype);
        Assert.Equal(int64, arange(3).dtype);
        Assert.Equal(float32, arange(0, 1, 0.25).dtype);
        Assert.Equal(int64, randint(5, [3]).dtype);
        Assert.Equal(int64, randperm(4).dtype);
        Assert.Equal(float64, tensor([1.0]).dtype);
        Assert.Equal(ScalarType.Bool, tensor([true]).dtype);
    }

    [Fact]
    public void Ranges_are_half_open_and_linspace_is_closed()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([2L, 5L, 8L], arange(2, 11, 3).data<long>().ToArray());
        Assert.Equal([0f, 0.25f, 0.5f, 0.75f], arange(0, 1, 0.25).data<float>().ToArray());
        Assert.Equal([0f, 0.5f, 1f], linspace(0, 1, 3).data<float>().ToArray());
        Assert.Equal([1f, 10f, 100f], logspace(0, 2, 3).data<float>().ToArray());
        Assert.Equal([1f, 0f, 0f, 1f, 0f, 0f], eye(3, 2).reshape(-1)[TensorIndex.Tensor(tensor([0L, 1, 2, 3, 4, 5]))].data<float>().ToArray());
    }

    [Fact]
    public void Sizes_can_be_given_in_every_form()
    {
        using var scope = NewDisposeScope();
        ReadOnlySpan<long> span = [2, 3];
        Assert.Equal([2L, 3L], zeros(2, 3).shape);
        Assert.Equal([2L, 3L], zeros(2L, 3L).shape);
        Assert.Equal([2L, 3L], zeros(new long[] { 2, 3 }).shape);
        Assert.Equal([2L, 3L], zeros(span).shape);
        Assert.Equal([2L, 3L, 4L, 5L], empty(2, 3, 4, 5).shape);
        Assert.Equal([], zeros(Array.Empty<long>()).shape);
        Assert.Equal(0, zeros(0).numel());
        Assert.Equal([7f, 7f], full(2, 7f).data<float>().ToArray());
    }

    [Fact]
    public void Like_takes_shape_and_type_from_a_tensor()
    {
        using var scope = NewDisposeScope();
        var x = ones([2, 2], dtype: float64);
        Assert.Equal(float64, empty_like(x).dtype);
        Assert.Equal(int32, ones_like(x, dtype: int32).dtype);
        Assert.Equal([5.0, 5.0, 5.0, 5.0], full_like(x, 5).data<double>().ToArray());
        Assert.Equal([2L, 2L], randn_like(x).shape);
        Assert.Equal(float64, x.new_zeros(3).dtype);
        Assert.Equal([3L, 4L], x.new_full(3, 4, 1).shape);
        Assert.Equal(float64, x.new_empty([1, 2]).dtype);
        Assert.Equal(float64, x.new_ones(2).dtype);
    }

    [Fact]
    public void Arrays_of_one_to_four_dimensions_become_tensors()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([3L], tensor([1f, 2f, 3f]).shape);
        Assert.Equal([2L, 2L], tensor(new[,] { { 1, 2 }, { 3, 4 } }).shape);
        Assert.Equal([1L, 2L, 2L], tensor(new[, ,] { { { 1L, 2 }, { 3, 4 } } }).shape);
        Assert.Equal([1L, 1L, 2L, 2L], tensor(new[, , ,] { { { { 1.0, 2 }, { 3, 4 } } } }).shape);
        Assert.Equal(4.0, tensor(new[, , ,] { { { { 1.0, 2 }, { 3, 4 } } } })[0, 0, 1, 1].item<double>());
        Assert.Equal([2L, 3L], tensor([1, 2, 3, 4, 5, 6], [2, 3]).shape);
        Assert.Equal([3L, 2L], tensor(new List<float> { 1, 2, 3, 4, 5, 6 }, 3, 2).shape);
        Assert.Equal([2L], tensor(new Memory<float>([1f, 2f]), [2]).shape);
    }

    [Fact]
    public void Scalars_become_tensors_without_dimensions()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([], tensor(3f).shape);
        Assert.Equal(3f, tensor(3f).item<float>());
        Assert.Equal(3L, tensor(3L).item<long>());
        Assert.Equal((byte)3, tensor((byte)3).item<byte>());
        Assert.True(tensor(true).item<bool>());
        Assert.Equal(float16, tensor(1.5, dtype: float16).dtype);
    }

    [Fact]
    public void A_tensor_of_an_array_does_not_share_its_memory()
    {
        using var scope = NewDisposeScope();
        float[] array = [1, 2];
        var x = tensor(array);
        array[0] = 9;
        Assert.Equal(1f, x[0].item<float>());
    }

    [Fact]
    public void From_array_and_frombuffer_share_the_arrays_memory()
    {
        using var scope = NewDisposeScope();
        float[] array = [1, 2, 3, 4];
        var x = from_array(array);
        var y = frombuffer(array, float32, 2, 1);
        array[1] = 9;
        Assert.Equal(9f, x[1].item<float>());
        Assert.Equal([9f, 3f], y.data<float>().ToArray());
        Assert.Equal([2L, 2L], from_array(new[,] { { 1, 2 }, { 3, 4 } }).shape);
        Assert.Equal(float64, from_array(array, float64).dtype);
    }

    [Fact]
    public void A_borrowed_array_outlives_its_own_scope()
    {
        using var x = Borrow();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Equal(10_000 * 3f, x.sum().item<float>());

        static Tensor Borrow() => from_array(Enumerable.Repeat(3f, 10_000).ToArray());
    }

    [Fact]
    public void Wrong_sizes_are_errors()
    {
        Assert.Throws<ArgumentException>(() => tensor([1f, 2f], [3]));
        Assert.ThrowsAny<Exception>(() => zeros(-1));
        Assert.Throws<ArgumentException>(() => frombuffer(new float[2], float32, offset: 2));
        Assert.ThrowsAny<Exception>(() => frombuffer(new float[2], float32, count: 3));
    }

    [Fact]
    public void Empty_arrays_become_empty_tensors()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(0, tensor(Array.Empty<float>()).numel());
        Assert.Equal([0L, 4L], tensor(Array.Empty<long>(), [0, 4]).shape);
    }

    [Fact]
    public void A_file_is_mapped_as_a_tensor()
    {
        using var scope = NewDisposeScope();
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, [1, 2, 3, 4]);
            Assert.Equal([1, 2, 3, 4], from_file(path, shared: false, size: 4, dtype: uint8).data<byte>().ToArray());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Upper_and_lower_triangles_have_indices()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([0L, 1, 1, 0, 0, 1], tril_indices(2, 2).reshape(-1).data<long>().ToArray());
        Assert.Equal([0L, 1], triu_indices(2, 2, 1).reshape(-1).data<long>().ToArray());
    }
}
