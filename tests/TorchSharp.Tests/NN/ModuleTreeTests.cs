using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Tests.NN;

public class ModuleTreeTests
{
    [Fact]
    public void Private_fields_are_registered_under_their_component_names()
    {
        using var network = new Network();

        Assert.Equal(
            ["scale", "up_proj.weight", "up_proj.bias", "down_proj.weight"],
            network.named_parameters().Select(p => p.name));
        Assert.Equal(["up_proj", "down_proj", "dropout"], network.named_children().Select(c => c.name));
        Assert.Equal(["counts"], network.named_buffers().Select(b => b.name));
        Assert.Equal(4, network.parameters().Count());
        Assert.Single(network.buffers());
    }

    [Fact]
    public void A_field_without_a_component_name_keeps_its_own_name()
    {
        using var module = new Plain();

        Assert.Equal(["inner.weight", "inner.bias"], module.named_parameters().Select(p => p.name));
    }

    [Fact]
    public void Fields_of_a_base_class_are_registered_too()
    {
        using var module = new Derived();

        Assert.Equal(["extra.weight", "inner.weight", "inner.bias"], module.named_parameters().Select(p => p.name));
    }

    [Fact]
    public void Everything_below_a_module_is_listed_children_first()
    {
        using var outer = new Holder();
        outer.register_module("block", new Network());
        outer.register_module("head", Linear(2, 2));

        Assert.Equal(
            ["block", "head", "block.up_proj", "block.down_proj", "block.dropout"],
            outer.named_modules().Select(m => m.name));
        Assert.Equal(5, outer.modules().Count());
        Assert.Equal(2, outer.children().Count());
    }

    [Fact]
    public void A_parameter_is_found_by_its_dotted_path()
    {
        using var outer = new Holder();
        var network = new Network();
        outer.register_module("block", network);

        Assert.Same(network.Up.weight, outer.get_parameter("block.up_proj.weight"));
        Assert.True(outer.has_parameter("block.scale"));
        Assert.False(outer.has_parameter("block.up_proj.scale"));
        Assert.Null(outer.get_parameter("elsewhere.weight"));
        Assert.NotNull(outer.get_buffer("block.counts"));
        Assert.True(outer.has_buffer("block.counts"));
        Assert.Null(outer.get_buffer("block.up_proj.counts"));
    }

    [Fact]
    public void A_shared_parameter_is_listed_once_but_saved_under_both_names()
    {
        using var outer = new Holder();
        var first = Linear(2, 2, hasBias: false);
        var second = Linear(2, 2, hasBias: false);
        second.weight = first.weight;
        outer.register_module("first", first);
        outer.register_module("second", second);

        Assert.Equal(["first.weight"], outer.named_parameters().Select(p => p.name));
        Assert.Equal(["first.weight", "second.weight"], outer.state_dict().Keys);
    }

    [Fact]
    public void Names_are_checked_when_something_is_registered()
    {
        using var module = new Holder();
        module.register_module("child", Linear(1, 1));
        module.register_parameter("weight", new Parameter(zeros(1)));
        module.register_buffer("table", zeros(1));

        Assert.Throws<InvalidOperationException>(() => module.register_module("child", Linear(1, 1)));
        Assert.Throws<InvalidOperationException>(() => module.register_parameter("weight", new Parameter(zeros(1))));
        Assert.Throws<InvalidOperationException>(() => module.register_buffer("table", zeros(1)));
        Assert.Throws<ArgumentException>(() => module.register_module("a.b", Linear(1, 1)));
        Assert.Throws<ArgumentException>(() => module.register_module("", Linear(1, 1)));
        Assert.Throws<ArgumentNullException>(() => module.register_buffer("none", null!));
    }

    [Fact]
    public void Registering_null_removes_a_child()
    {
        using var module = new Holder();
        module.register_module("child", Linear(1, 1));
        module.register_module("child", null!);

        Assert.Empty(module.named_children());
    }

    [Fact]
    public void Training_and_evaluation_reach_every_descendant()
    {
        using var outer = new Holder();
        outer.register_module("block", new Network());
        Assert.All(outer.modules(), module => Assert.True(module.training));

        outer.eval();
        Assert.False(outer.training);
        Assert.All(outer.modules(), module => Assert.False(module.training));

        outer.train();
        Assert.All(outer.modules(), module => Assert.True(module.training));
    }

    [Fact]
    public void Apply_visits_children_before_their_parent()
    {
        using var network = new Network();
        var visited = new List<string>();

        network.apply(module => visited.Add(module.GetName()));

        Assert.Equal(["Linear", "Linear", "Dropout", "Network"], visited);
    }

    [Fact]
    public void Zero_grad_drops_or_clears_gradients()
    {
        using var network = new Network();
        network.call(ones(2, 3)).sum().backward();
        Assert.NotNull(network.Up.weight.grad);

        network.zero_grad(set_to_none: false);
        Assert.Equal(0, network.Up.weight.grad!.abs().sum().item<float>());

        network.zero_grad();
        Assert.Null(network.Up.weight.grad);
    }

    [Fact]
    public void Lists_name_their_modules_by_position()
    {
        using var outer = new Holder();
        var list = ModuleList(Linear(1, 2, hasBias: false), Linear(2, 3, hasBias: false));
        list.append(Linear(3, 4, hasBias: false));
        outer.register_module("layers", list);

        Assert.Equal(3, list.Count);
        Assert.Equal(2, list[1].in_features);
        Assert.Equal(["layers.0.weight", "layers.1.weight", "layers.2.weight"], outer.named_parameters().Select(p => p.name));
    }

    [Fact]
    public void Dictionaries_keep_the_order_in_which_modules_were_added()
    {
        using var outer = new Holder();
        var modules = ModuleDict(("zeta", Linear(1, 2, hasBias: false)), ("alpha", Linear(2, 3, hasBias: false)));
        outer.register_module("experts", modules);

        Assert.Equal(["experts.zeta.weight", "experts.alpha.weight"], outer.named_parameters().Select(p => p.name));
        Assert.Equal(2, modules["alpha"].in_features);
        Assert.True(modules.ContainsKey("zeta"));
        Assert.Equal(["zeta", "alpha"], modules.Keys);
        Assert.True(modules.Remove("zeta"));
        Assert.Equal(["alpha"], modules.Select<(string, Linear), string>(entry => entry.Item1));
    }

    [Fact]
    public void Parameters_can_be_listed_without_a_module_of_their_own()
    {
        using var outer = new Holder();
        outer.register_module("factors", ParameterList(new Parameter(zeros(1)), new Parameter(zeros(2))));
        outer.register_module("named", ParameterDict(("a", new Parameter(zeros(3)))));

        Assert.Equal(["factors.0", "factors.1", "named.a"], outer.named_parameters().Select(p => p.name));
        Assert.Equal(2, outer.get_parameter("factors.1")!.numel());
        Assert.Equal(["factors.0", "factors.1", "named.a"], outer.state_dict().Keys);
    }

    [Fact]
    public void A_module_without_parameters_refuses_them()
    {
        using var identity = Identity();

        Assert.Throws<InvalidOperationException>(() => identity.register_parameter("p", new Parameter(zeros(1))));
        Assert.Throws<InvalidOperationException>(() => identity.register_buffer("b", zeros(1)));
        Assert.Throws<InvalidOperationException>(() => identity.register_module("m", Linear(1, 1)));
    }

    private class Plain : Module
    {
        private readonly Module<Tensor, Tensor> inner = Linear(2, 2);

        public Plain() : base(nameof(Plain))
        {
            RegisterComponents();
        }

        public Module<Tensor, Tensor> Inner => inner;
    }

    private sealed class Derived : Plain
    {
        [ComponentName(Name = "extra")]
        private readonly Linear _extra = Linear(2, 1, hasBias: false);

        public long Width => _extra.out_features;
    }
}
