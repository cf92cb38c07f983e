using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Tests.NN;

public class DisposalTests
{
    [Fact]
    public void Disposing_a_module_frees_its_parameters_and_buffers_and_those_below()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var outer = new Holder();
        var network = new Network();
        outer.register_module("block", network);
        outer.register_module("layers", ModuleList(Linear(2, 2), Linear(2, 2)));
        outer.register_module("embedding", Embedding(3, 2));
        outer.register_module("norm", LayerNorm(2));
        outer.register_module("body", Sequential(Linear(2, 2), ReLU()));
        outer.register_buffer("derived", zeros(2), persistent: false);
        var tensors = outer.parameters().Concat<Tensor>(outer.buffers()).ToList();

        outer.Dispose();
        outer.Dispose();

        Assert.All(tensors, tensor => Assert.True(tensor.IsInvalid));
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_layers_weights_outlive_the_scope_in_which_it_was_made()
    {
        Linear layer;
        using (NewDisposeScope())
        {
            layer = Linear(2, 2);
        }

        Assert.False(layer.weight.IsInvalid);
        layer.Dispose();
        Assert.True(layer.weight.IsInvalid);
    }

    [Fact]
    public void A_parameter_takes_its_tensor_over()
    {
        using var scope = NewDisposeScope();
        var data = ones(2);
        var parameter = new Parameter(data, requires_grad: false);

        Assert.True(data.IsInvalid);
        Assert.False(parameter.requires_grad);
        scope.Dispose();
        Assert.True(parameter.IsInvalid);
    }

    [Fact]
    public void A_training_step_leaves_no_tensor_behind()
    {
        using var network = new Network();
        using var optimizer = optim.AdamW(network.parameters(), lr: 0.01);
        long Step()
        {
            using (NewDisposeScope())
            {
                optimizer.zero_grad();
                var loss = network.call(ones(2, 3)).square().mean();
                loss.backward();
                nn.utils.clip_grad_norm_(network.parameters(), 1);
                optimizer.step();
            }
            return DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        }

        var afterFirst = Step();
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(afterFirst, Step());
        }
    }
}
