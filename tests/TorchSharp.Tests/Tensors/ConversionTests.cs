using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Tests.Tensors;

public sealed class ConversionTests
{
    [Fact]
    public void Types_convert_as_libtorch_does()
    {
        using var scope = NewDisposeScope();
        var x = tensor([1.9f, -1.9f, 0f]);
        Assert.Equal([1L, -1, 0], x.to(int64).data<long>().ToArray());
        Assert.Equal([true, true, false], x.@bool().data<bool>().ToArray());
        Assert.Equal(bfloat16, x.bfloat16().dtype);
        Assert.Equal(float16, x.half().dtype);
        Assert.Equal(int32, x.type(int32).dtype);
        Assert.Equal(int8, x.@char().dtype);
        Assert.Equal(uint8, tensor([1f]).@byte().dtype);
        Assert.Equal(float64, x.to(tensor(1.0)).dtype);
        Assert.Equal(float64, x.type_as(tensor(1.0)).dtype);
    }

    [Fact]
    public void Bfloat16_rounds_to_nearest_even()
    {
        using var scope = NewDisposeScope();
        var x = tensor([1.00390625f, 1.01171875f, 3.14159274f]).bfloat16();
        Assert.Equal([1f, 1.015625f, 3.140625f], x.to(float32).data<float>().ToArray());
    }

    [Fact]
    public void Converting_to_the_same_type_shares_memory_unless_a_copy_is_asked_for()
    {
        using var scope = NewDisposeScope();
        var x = ones(2);
        x.to(float32)[0] = 5;
        Assert.Equal(5f, x[0].item<float>());
        x.to(float32, copy: true)[0] = 6;
        Assert.Equal(5f, x[0].item<float>());
        x.clone()[0] = 7;
        Assert.Equal(5f, x[0].item<float>());
        x.cpu()[0] = 8;
        Assert.Equal(8f, x[0].item<float>());
    }

    [Fact]
    public void A_source_can_be_disposed_of_by_its_conversion()
    {
        var x = ones(2);
        using var y = x.to(float64, disposeAfter: true);
        Assert.True(x.IsInvalid);
        Assert.Equal(float64, y.dtype);
    }

    [Fact]
    public void Copying_converts_and_broadcasts()
    {
        using var scope = NewDisposeScope();
        var x = zeros(2, 2);
        x.copy_(tensor([1L, 2L]));
        Assert.Equal([1f, 2, 1, 2], x.data<float>().ToArray());
        Assert.Throws<ExternalException>(() => x.copy_(zeros(3)));
    }

    [Fact]
    public void The_meta_device_has_shapes_but_no_data()
    {
        using var scope = NewDisposeScope();
        var x = empty(2, 3, device: META);
        Assert.True(x.is_meta);
        Assert.Equal([2L, 3L], (x + x).shape);
        Assert.ThrowsAny<Exception>(() => x.data<float>());
        Assert.ThrowsAny<Exception>(() => x + ones(2, 3));
    }

    [Fact]
    public void Devices_parse_and_print()
    {
        Assert.Equal("cpu", device("cpu").ToString());
        Assert.Equal("cuda:1", new Device("cuda:1").ToString());
        Assert.Equal("cuda", new Device(DeviceType.CUDA).ToString());
        Assert.Equal(DeviceType.CUDA, new Device("cuda", 2).type);
        Assert.Equal(2, new Device("cuda", 2).index);
        Assert.Throws<ArgumentException>(() => new Device("abacus"));
        using var x = ones(1);
        Assert.Equal(DeviceType.CPU, x.device.type);
        Assert.True(x.is_cpu());
        Assert.False(x.is_cuda);
    }

    [Fact]
    public void Without_a_gpu_asking_for_one_is_an_exception()
    {
        if (cuda.is_available())
        {
            Assert.True(cuda.device_count() > 0);
            cuda.synchronize();
            return;
        }

        Assert.Equal(0, cuda.device_count());
        using var x = ones(1);
        Assert.ThrowsAny<Exception>(() => x.cuda());
        Assert.ThrowsAny<Exception>(() => zeros(1, device: new Device(DeviceType.CUDA)));
        Assert.ThrowsAny<Exception>(() => cuda.synchronize());
        cuda.manual_seed(1);
        cuda.manual_seed_all(1);
    }

    [Fact]
    public void Types_know_their_kind_and_size()
    {
        Assert.True(is_floating_point(bfloat16));
        Assert.True(is_integral(int8));
        Assert.False(is_integral(float32));
        Assert.Equal(2, bfloat16.ElementSize());
        Assert.Equal(8, int64.ElementSize());
        Assert.Equal(float32, promote_types(int64, float32));
        using var scope = NewDisposeScope();
        Assert.Equal(float64, result_type(tensor([1f]), tensor([1.0])));
        Assert.Equal(4, ones(1).element_size());
        Assert.Equal(Math.Pow(2, -23), finfo(float32).eps);
        Assert.Equal(float.MaxValue, finfo(float32).max);
        Assert.Equal(3.3895313892515355e38, finfo(bfloat16).max, 1e25);
        Assert.Equal(65504, finfo(float16).max);
        Assert.Equal(double.MaxValue, finfo(float64).max);
        Assert.Equal(1.1754943508222875e-38, finfo(float32).tiny, 1e-45);
    }

    [Fact]
    public void Setting_storage_makes_two_tensors_one()
    {
        using var scope = NewDisposeScope();
        var x = zeros(1);
        var y = ones(3);
        x.set_(y);
        Assert.Equal([3L], x.shape);
        y[0] = 9;
        Assert.Equal(9f, x[0].item<float>());
    }

    [Fact]
    public void Dimensions_can_have_names()
    {
        using var x = zeros(2, 3, names: ["batch", "time"]);
        Assert.True(x.has_names());
        Assert.Equal(["batch", "time"], x.names);
        x.rename_(null);
        Assert.False(x.has_names());
    }
}
