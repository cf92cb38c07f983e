using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Tests.Optimizers;

// Expected numbers come from PyTorch 1.13.
public class SgdTests
{
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void Plain(ScalarType type)
        => AssertSteps(type, p => optim.SGD(p, 0.05),
            [0.9244396f, -2.480543f, 2.230423f, 0.4814672f, 0, -0.2547873f], [0.2341202f, -1.560437f]);

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void With_weight_decay(ScalarType type)
        => AssertSteps(type, p => optim.SGD(p, 0.05, weight_decay: 0.1),
            [0.8976704f, -2.399675f, 2.171519f, 0.4673404f, 0, -0.2472028f], [0.2275689f, -1.503024f]);

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void With_momentum(ScalarType type)
        => AssertSteps(type, p => optim.SGD(p, 0.05, momentum: 0.9),
            [0.7803622f, -3.563346f, 0.8638729f, 0.4455055f, 0, -0.2643034f], [0.1153163f, -4.150228f]);

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void With_dampened_momentum(ScalarType type)
        => AssertSteps(type, p => optim.SGD(p, 0.05, momentum: 0.9, dampening: 0.5, weight_decay: 0.1),
            [0.8045658f, -2.71826f, 1.326108f, 0.4381337f, 0, -0.2447555f], [0.1575364f, -1.985614f]);

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void With_Nesterov_momentum(ScalarType type)
        => AssertSteps(type, p => optim.SGD(p, 0.02, momentum: 0.9, nesterov: true, weight_decay: 0.1),
            [0.8480566f, -2.572271f, 1.73288f, 0.4517309f, 0, -0.2458905f], [0.1907083f, -1.767975f]);

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void Uphill(ScalarType type)
        => AssertSteps(type, p => optim.SGD(p, 0.02, momentum: 0.5, maximize: true),
            [1.056227f, -1.763629f, 3.858078f, 0.5130091f, 0, -0.2468736f], [0.3608975f, -0.4679372f]);

    [Fact]
    public void Momentum_starts_with_the_first_gradient()
    {
        using var training = new Training();
        using var optimizer = optim.SGD(training.Parameters, 0.1, momentum: 0.9, dampening: 0.5);
        Assert.All(optimizer.state_dict().State, state => Assert.Null(((SGD.State)state).momentum_buffer));

        training.First.grad = ones(2, 3);
        optimizer.step();

        Approximately.Equal([1, 1, 1, 1, 1, 1], ((SGD.State)optimizer.state_dict().State[0]).momentum_buffer!);
        Assert.Null(((SGD.State)optimizer.state_dict().State[1]).momentum_buffer);
        Assert.Equal(0.9, optimizer.Momentum);
    }

    [Fact]
    public void Nesterov_momentum_needs_momentum_without_dampening()
    {
        using var training = new Training();

        Assert.Throws<ArgumentException>(() => optim.SGD(training.Parameters, 0.1, nesterov: true));
        Assert.Throws<ArgumentException>(() => optim.SGD(training.Parameters, 0.1, momentum: 0.9, dampening: 0.1, nesterov: true));
        Assert.Throws<ArgumentException>(() => optim.SGD(training.Parameters, -0.1));
    }

    [Fact]
    public void A_sparse_gradient_changes_only_the_rows_that_were_looked_up()
    {
        using var layer = nn.Embedding(4, 2, sparse: true);
        using var optimizer = optim.SGD(layer.parameters(), 1);
        var before = layer.weight!.detach().clone();

        layer.call(tensor(new long[] { 2, 2 })).sum().backward();
        optimizer.step();

        Approximately.Equal([0, 0, 0, 0, 2, 2, 0, 0], before - layer.weight!);
    }

    private static void AssertSteps(ScalarType type, Func<IEnumerable<Parameter>, SGD> create, float[] first, float[] second)
    {
        using var training = new Training(type);
        using var optimizer = create(training.Parameters);

        training.Run(optimizer, 6);

        Approximately.Equal(first, training.First);
        Approximately.Equal(second, training.Second);
    }
}
