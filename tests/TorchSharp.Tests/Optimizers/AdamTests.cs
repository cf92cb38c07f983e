using FsCheck.Fluent;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Tests.Optimizers;

// Expected numbers come from PyTorch 1.13.
public class AdamTests
{
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void AdamW_with_weight_decay(ScalarType type)
    {
        using var training = new Training(type);
        using var optimizer = optim.AdamW(training.Parameters, lr: 0.1, weight_decay: 0.05);

        training.Run(optimizer, 6);

        Approximately.Equal([0.4168585f, -2.537077f, 2.329468f, -0.007061381f, 0, -0.8105986f], training.First);
        Approximately.Equal([-0.1408624f, -1.271762f], training.Second);
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void AdamW_with_amsgrad(ScalarType type)
    {
        using var training = new Training(type);
        using var optimizer = optim.AdamW(training.Parameters, lr: 0.1, beta1: 0.8, beta2: 0.95, weight_decay: 0.05, amsgrad: true);

        training.Run(optimizer, 6);

        Approximately.Equal([0.4289046f, -2.541489f, 2.33398f, 0.02048918f, 0, -0.8279339f], training.First);
        Approximately.Equal([-0.1008058f, -1.281013f], training.Second);
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void AdamW_that_maximizes(ScalarType type)
    {
        using var training = new Training(type);
        using var optimizer = optim.AdamW(training.Parameters, lr: 0.05, eps: 1e-3, maximize: true);

        training.Run(optimizer, 6);

        Approximately.Equal([1.300925f, -1.703186f, 3.301117f, 0.7975485f, 0, -0.01539497f], training.First);
        Approximately.Equal([0.5979306f, -0.4104408f], training.Second);
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void Adam_takes_weight_decay_into_the_gradient(ScalarType type)
    {
        using var training = new Training(type);
        using var optimizer = optim.Adam(training.Parameters, lr: 0.1, weight_decay: 0.05);

        training.Run(optimizer, 6);

        Approximately.Equal([0.4321079f, -2.603768f, 2.408832f, -0.01830517f, 0, -0.7943008f], training.First);
        Approximately.Equal([-0.1420337f, -1.299295f], training.Second);
    }

    [Fact]
    public void Each_group_has_its_own_options()
    {
        using var first = new Parameter(tensor(new[] { 1f, 2f }));
        using var second = new Parameter(tensor(new[] { 3f, 4f }));
        var groups = new[]
        {
            new AdamW.ParamGroup { Parameters = [first], Options = new AdamW.Options { weight_decay = 0 } },
            new AdamW.ParamGroup { Parameters = [second], Options = new AdamW.Options { LearningRate = 0.5 } },
        };
        using var optimizer = optim.AdamW(groups, lr: 0.1, weight_decay: 0.1);

        for (var i = 0; i < 3; i++)
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            (first.square().sum() + second.pow(3).sum()).backward();
            optimizer.step();
        }

        Approximately.Equal([0.7015863f, 1.700623f], first);
        Approximately.Equal([1.219052f, 2.053893f], second);
        Assert.Equal([0.1, 0.5], optimizer.ParamGroups.Select(g => g.LearningRate));
        Assert.Equal((0.9, 0.999), groups[1].Betas);
    }

    [Fact]
    public void A_parameter_without_a_gradient_is_left_alone_and_not_counted()
    {
        using var training = new Training();
        using var optimizer = optim.AdamW(training.Parameters, lr: 0.1, weight_decay: 0.5);
        training.First.grad = ones(2, 3);
        var untouched = training.Second.detach().clone();

        optimizer.step();

        Assert.True(training.Second.allclose(untouched));
        Assert.Equal([1L, 0L], optimizer.state_dict().State.Select(state => ((AdamW.State)state).step));
    }

    [Fact]
    public void A_closure_is_called_with_gradients_on_and_its_loss_is_returned()
    {
        using var training = new Training();
        using var optimizer = optim.AdamW(training.Parameters);

        using var off = no_grad();
        using var loss = optimizer.step(() =>
        {
            var value = training.Loss();
            value.backward();
            return value;
        });

        Assert.NotNull(loss);
        Assert.Equal(1, ((AdamW.State)optimizer.state_dict().State[0]).step);
    }

    [Fact]
    public void The_fused_loop_and_the_operators_take_the_same_steps_whatever_the_shapes()
        => Prop.ForAll(Gen.Choose(1, 40).Two().ArrayOf(3).ToArbitrary(), shapes =>
        {
            using var scope = NewDisposeScope();
            var values = shapes.Select(shape => randn(shape.Item1, shape.Item2)).ToArray();
            var gradients = shapes.Select(shape => randn(shape.Item1, shape.Item2)).ToArray();
            var dense = values.Select(v => new Parameter(v.clone())).ToArray();
            var strided = values.Select(v => new Parameter(v.t().contiguous().t())).ToArray();
            foreach (var (parameters, i) in new[] { dense, strided }.Select((p, i) => (p, i)))
            {
                using var optimizer = optim.AdamW(parameters, lr: 0.05, weight_decay: 0.1, amsgrad: i >= 0);
                for (var step = 1; step <= 3; step++)
                {
                    for (var k = 0; k < parameters.Length; k++)
                    {
                        parameters[k].grad = gradients[k] * step;
                    }
                    optimizer.step();
                }
            }
            return dense.Zip(strided).All(pair => pair.First.allclose(pair.Second, rtol: 1e-4, atol: 1e-6));
        }).Holds();

    [Fact]
    public void A_large_parameter_is_stepped_completely()
    {
        using var scope = NewDisposeScope();
        using var parameter = new Parameter(zeros(300_001));
        using var optimizer = optim.AdamW([parameter], lr: 0.5);
        parameter.grad = ones(300_001);

        optimizer.step();

        Assert.True(parameter.allclose(full(300_001, -0.5f)));
    }

    [Theory]
    [InlineData(-1.0, 0.9, 0.999, 1e-8, 0.0)]
    [InlineData(1.0, 1.0, 0.999, 1e-8, 0.0)]
    [InlineData(1.0, 0.9, -0.1, 1e-8, 0.0)]
    [InlineData(1.0, 0.9, 0.999, -1.0, 0.0)]
    [InlineData(1.0, 0.9, 0.999, 1e-8, -1.0)]
    public void Options_out_of_range_are_refused(double lr, double beta1, double beta2, double eps, double decay)
        => Assert.Throws<ArgumentException>(() => optim.AdamW(new[] { new Parameter(zeros(1)) }, lr, beta1, beta2, eps, decay));

    [Fact]
    public void State_of_the_wrong_size_is_an_error()
    {
        using var training = new Training();
        using var optimizer = optim.AdamW(training.Parameters);
        ((AdamW.State)optimizer.state_dict().State[0]).exp_avg_sq = zeros(1, 7);
        training.First.grad = ones(2, 3);

        Assert.ThrowsAny<Exception>(() => optimizer.step());
    }

    [Fact]
    public void State_is_freed_with_the_optimizer()
    {
        using var training = new Training();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        var optimizer = optim.AdamW(training.Parameters, amsgrad: true);
        Assert.Equal(before + 6, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        optimizer.Dispose();

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
