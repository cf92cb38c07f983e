using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Tests.NN;

public class ConversionTests
{
    [Fact]
    public void Converting_reaches_fields_properties_and_children_and_leaves_integers_alone()
    {
        using var network = new Network();
        var weight = network.Up.weight.clone();

        var same = network.to(ScalarType.Float64);

        Assert.Same(network, same);
        Assert.All(network.parameters(), p => Assert.Equal(ScalarType.Float64, p.dtype));
        Assert.Equal(ScalarType.Float64, network.Scale.dtype);
        Assert.Equal(ScalarType.Int64, network.get_buffer("counts")!.dtype);
        Assert.True(network.Up.weight.to(ScalarType.Float32).allclose(weight));
        Assert.All(network.parameters(), p => Assert.True(p.requires_grad && p.is_leaf));
        Assert.Equal(ScalarType.Float64, network.call(zeros(1, 3, dtype: ScalarType.Float64)).dtype);
    }

    [Fact]
    public void Gradients_move_with_their_parameters()
    {
        using var layer = Linear(2, 2);
        layer.call(ones(1, 2)).sum().backward();

        layer.to(ScalarType.Float64);

        Assert.Equal(ScalarType.Float64, layer.weight.grad!.dtype);
        Approximately.Equal([1, 1, 1, 1], layer.weight.grad!);
    }

    [Fact]
    public void A_frozen_parameter_stays_frozen()
    {
        using var layer = Linear(2, 2);
        layer.weight.requires_grad = false;

        layer.to(ScalarType.BFloat16);

        Assert.False(layer.weight.requires_grad);
        Assert.True(layer.bias!.requires_grad);
    }

    [Fact]
    public void Converting_to_what_a_module_is_already_keeps_its_parameters()
    {
        using var network = new Network();
        var before = network.parameters().ToList();

        network.to(ScalarType.Float32).cpu().to(CPU).to("cpu");

        Assert.Equal(before, network.parameters());
        Assert.All(before.Zip(network.parameters()), pair => Assert.Same(pair.First, pair.Second));
    }

    [Fact]
    public void Converting_frees_the_old_parameters()
    {
        using var layer = Linear(2, 2);
        var old = layer.weight;

        layer.half();

        Assert.True(old.IsInvalid);
        Assert.False(layer.weight.IsInvalid);
    }

    [Fact]
    public void Lists_of_parameters_are_converted_in_place()
    {
        using var outer = new Holder();
        var list = ParameterList(Parameter(ones(2)));
        outer.register_module("factors", list);

        outer.to(ScalarType.Float64);

        Assert.Equal(ScalarType.Float64, list[0].dtype);
        Assert.Equal(ScalarType.Float64, outer.state_dict()["factors.0"].dtype);
    }

    [Fact]
    public void A_module_cannot_become_integers()
    {
        using var layer = Linear(2, 2);

        Assert.Throws<ArgumentException>(() => layer.to(ScalarType.Int64));
    }
}
