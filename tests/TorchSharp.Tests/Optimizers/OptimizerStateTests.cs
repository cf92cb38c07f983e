using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Tests.Optimizers;

public class OptimizerStateTests
{
    public static TheoryData<string> Kinds => ["AdamW", "AMSGrad", "Adam", "SGD"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_optimizer_that_is_saved_and_loaded_goes_on_bit_for_bit(string kind)
    {
        using var uninterrupted = new Training();
        using var reference = Create(kind, uninterrupted.Parameters);
        using var interrupted = new Training();
        using var first = Create(kind, interrupted.Parameters);
        uninterrupted.Run(reference, 5);
        interrupted.Run(first, 3);

        using var file = new MemoryStream();
        using (var writer = new BinaryWriter(file, System.Text.Encoding.UTF8, leaveOpen: true))
        {
            first.save_state_dict(writer);
        }
        file.Position = 0;
        using var resumed = Create(kind, interrupted.Parameters, lr: 0.5);
        using var reader = new BinaryReader(file);
        resumed.load_state_dict(reader);
        interrupted.Run(resumed, 2);

        Assert.True(uninterrupted.First.equal(interrupted.First).all().item<bool>());
        Assert.True(uninterrupted.Second.equal(interrupted.Second).all().item<bool>());
        Assert.All(
            reference.state_dict().State.Zip(resumed.state_dict().State),
            pair => Assert.True(pair.First.ApproximatelyEquals(pair.Second)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void State_is_copied_from_another_optimizer(string kind)
    {
        using var training = new Training();
        using var source = Create(kind, training.Parameters);
        training.Run(source, 2);

        using var scope = NewDisposeScope();
        using var target = Create(kind, training.Parameters, lr: 0.5);
        target.load_state_dict(source.state_dict());

        Assert.Equal(0.05, target.ParamGroups.Single().LearningRate);
        Assert.All(source.state_dict().State.Zip(target.state_dict().State), pair => Assert.True(pair.First.ApproximatelyEquals(pair.Second)));
        training.Run(source, 1);
        Assert.Contains(source.state_dict().State.Zip(target.state_dict().State), pair => !pair.First.ApproximatelyEquals(pair.Second));
    }

    [Fact]
    public void State_of_another_kind_or_another_model_is_refused()
    {
        using var training = new Training();
        using var sgd = Create("SGD", training.Parameters);
        using var adam = Create("AdamW", training.Parameters);
        using var smaller = Create("AdamW", [training.First]);
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            sgd.save_state_dict(path);
            Assert.Throws<InvalidDataException>(() => adam.load_state_dict(path));
            Assert.Throws<ArgumentException>(() => adam.load_state_dict(smaller.state_dict()));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void The_state_lists_groups_and_where_their_parameters_are()
    {
        using var training = new Training();
        using var optimizer = optim.AdamW(new[] { new AdamW.ParamGroup([training.First], lr: 0.1), new AdamW.ParamGroup([training.Second], lr: 0.2) });

        var state = optimizer.state_dict();

        Assert.Equal([0.1, 0.2], state.Options.Select(options => options.LearningRate!.Value));
        Assert.Equal(2, state.State.Count);
        Assert.Equal([[0], [1]], state.StateIndexRef);
        Assert.Equal(2, optimizer.parameters().Count());
    }

    [Fact]
    public void Zero_grad_clears_gradients_in_place()
    {
        using var training = new Training();
        using var optimizer = Create("AdamW", training.Parameters);
        training.First.grad = ones(2, 3);

        optimizer.zero_grad();

        Approximately.Equal([0, 0, 0, 0, 0, 0], training.First.grad!);
        Assert.Null(training.Second.grad);
    }

    [Fact]
    public void A_group_can_be_added_later()
    {
        using var training = new Training();
        using var optimizer = optim.AdamW([training.First], lr: 0.1);
        optimizer.add_param_group(new AdamW.ParamGroup { Parameters = [training.Second] });

        training.Run(optimizer, 1);

        Assert.Equal([0.1, 0.1], optimizer.ParamGroups.Select(group => group.LearningRate));
        Assert.Equal([1L, 1L], optimizer.state_dict().State.Select(state => ((AdamW.State)state).step));
    }

    [Fact]
    public void An_optimizer_of_ones_own_derives_from_the_helper()
    {
        using var training = new Training();
        using var optimizer = new SignDescent(training.Parameters, 0.5);
        training.First.grad = tensor(new[] { 1f, -3f, 0f, 2f, 5f, -1f }).reshape(2, 3);

        optimizer.step();

        Approximately.Equal([0.5f, -1.5f, 3, 0, -0.5f, 0.25f], training.First);
        Assert.Equal(0.5, optimizer.ParamGroups.Single().LearningRate);
    }

    private static OptimizerHelper Create(string kind, IEnumerable<Parameter> parameters, double lr = 0.05) => kind switch
    {
        "AdamW" => optim.AdamW(parameters, lr, weight_decay: 0.1),
        "AMSGrad" => optim.AdamW(parameters, lr, amsgrad: true),
        "Adam" => optim.Adam(parameters, lr),
        _ => optim.SGD(parameters, lr, momentum: 0.9),
    };

    private sealed class SignDescent : OptimizerHelper
    {
        public SignDescent(IEnumerable<Parameter> parameters, double lr)
        {
            _parameter_groups = [];
            add_param_group(new ParamGroup { Parameters = parameters, Options = new OptimizerOptions { LearningRate = lr, InitialLearningRate = lr } });
        }

        public override Tensor step(Func<Tensor>? closure = null)
            => _step<ParamGroup>(
                group =>
                {
                    foreach (var parameter in group.Parameters.Where(p => p.grad is not null))
                    {
                        parameter.add_(parameter.grad!.sign(), alpha: -group.LearningRate);
                    }
                },
                closure!)!;
    }
}
