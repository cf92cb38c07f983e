using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Tests.NN;

public class SequentialTests
{
    [Fact]
    public void Each_module_gets_the_output_of_the_one_before()
    {
        using var sequence = Sequential(("double", new Times(2)), ("square", new Square()), ("triple", new Times(3)));

        Approximately.Equal([12, 48], sequence.call(tensor(new[] { 1f, 2f })));
        Assert.Equal(3, sequence.Count);
        Assert.IsType<Square>(sequence[1]);
    }

    [Fact]
    public void Nothing_in_it_means_nothing_changes()
    {
        using var input = ones(2);
        using var output = Sequential().call(input);

        Approximately.Equal([1, 1], output);
        Assert.NotSame(input, output);
    }

    [Fact]
    public void Parameters_are_named_by_module()
    {
        using var outer = new Holder();
        outer.register_module("body", Sequential(Linear(1, 2), Sequential(("inner", Linear(2, 1, hasBias: false)))));

        Assert.Equal(["body.0.weight", "body.0.bias", "body.1.inner.weight"], outer.named_parameters().Select(p => p.name));
        Assert.Equal(["body.0.weight", "body.0.bias", "body.1.inner.weight"], outer.state_dict().Keys);
        Assert.Equal(["body", "body.0", "body.1", "body.1.inner"], outer.named_modules().Select(m => m.name));
        Assert.True(outer.has_parameter("body.1.inner.weight"));
    }

    [Fact]
    public void A_slice_shares_its_modules()
    {
        using var sequence = Sequential(new Times(2), new Square(), new Times(3));

        Approximately.Equal([9], sequence[1..3].call(tensor(new[] { 1f }) * 1.7320508f), 1e-4);
        Assert.Equal(2, sequence[(1, null)].Count);
        Assert.ThrowsAny<Exception>(() => sequence[(0, 4)]);
    }

    [Fact]
    public void What_lies_between_modules_is_freed()
    {
        using var sequence = Sequential(new Times(2), new Square(), new Times(3));
        using var input = ones(2);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        using (sequence.call(input))
        {
            Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
    }

    [Fact]
    public void Modes_conversions_and_visits_reach_the_modules()
    {
        using var sequence = Sequential(Linear(1, 1), Dropout(0.5));
        var visited = 0;

        sequence.eval();
        sequence.to(ScalarType.Float64);
        sequence.apply(_ => visited++);

        Assert.All(sequence.modules(), module => Assert.False(module.training));
        Assert.All(sequence.parameters(), p => Assert.Equal(ScalarType.Float64, p.dtype));
        Assert.Equal(3, visited);
    }

    [Fact]
    public void A_generic_sequence_calls_its_modules_as_its_forward_says()
    {
        using var sum = new SumOfAll(new Times(2), new Square());
        sum.append(new Times(10));

        Approximately.Equal([2 * 3 + 9 + 30], sum.call(tensor(new[] { 1f }), tensor(new[] { 2f })));
        Assert.Equal(3, sum.Count);
        Assert.Equal(["0", "1", "2"], sum.named_children().Select(child => child.name));
    }

    private sealed class Times(float factor) : Module<Tensor, Tensor>(nameof(Times))
    {
        public override Tensor forward(Tensor input) => input * factor;
    }

    private sealed class Square() : Module<Tensor, Tensor>(nameof(Square))
    {
        public override Tensor forward(Tensor input) => input * input;
    }

    private sealed class SumOfAll(params Module[] modules) : Sequential<Tensor, Tensor, Tensor>(modules)
    {
        public override Tensor forward(Tensor input1, Tensor input2)
        {
            using var scope = NewDisposeScope();
            var input = input1 + input2;
            return children().Cast<Module<Tensor, Tensor>>().Select(module => module.call(input)).Aggregate((a, b) => a + b).MoveToOuterDisposeScope();
        }
    }
}
