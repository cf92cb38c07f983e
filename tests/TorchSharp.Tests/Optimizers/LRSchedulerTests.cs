using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.optim.lr_scheduler;

namespace TorchSharp.Tests.Optimizers;

// Expected rates come from PyTorch 1.13.
public class LRSchedulerTests
{
    [Fact]
    public void A_function_of_the_epoch_scales_the_initial_rate()
        => AssertRates(
            optimizer => LambdaLR(optimizer, epoch => Math.Pow(0.9, epoch)),
            [1.0, 0.9, 0.81, 0.729, 0.6561, 0.59049, 0.531441, 0.4782969, 0.4304672, 0.3874205]);

    [Fact]
    public void Steps_divide_the_rate_now_and_then()
        => AssertRates(
            optimizer => StepLR(optimizer, 2, 0.5),
            [1.0, 1.0, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125, 0.0625, 0.0625]);

    [Fact]
    public void A_cosine_falls_and_rises_again()
        => AssertRates(
            optimizer => CosineAnnealingLR(optimizer, 4, 0.1),
            [1.0, 0.8681981, 0.55, 0.2318019, 0.1, 0.2318019, 0.55, 0.8681981, 1.0, 0.8681981]);

    [Fact]
    public void Each_group_starts_from_its_own_rate()
    {
        using var training = new Training();
        using var optimizer = optim.AdamW(new[] { new AdamW.ParamGroup([training.First], lr: 1), new AdamW.ParamGroup([training.Second], lr: 10) });

        var scheduler = new impl.LambdaLR(optimizer, new Func<int, double>[] { epoch => 1 + epoch, epoch => 1.0 / (1 + epoch) });
        scheduler.step();

        Assert.Equal([2.0, 5.0], scheduler.get_last_lr());
        Assert.Equal([2.0, 5.0], optimizer.ParamGroups.Select(group => group.LearningRate));
        Assert.Equal([1.0, 10.0], optimizer.ParamGroups.Select(group => group.InitialLearningRate));
    }

    [Fact]
    public void A_schedule_can_go_straight_to_an_epoch()
    {
        using var training = new Training();
        using var optimizer = optim.SGD(training.Parameters, 1.0);

        StepLR(optimizer, 2, 0.5).step(7);

        Assert.Equal(0.125, optimizer.ParamGroups.Single().LearningRate);
    }

    [Fact]
    public void A_schedule_resumes_after_a_given_epoch()
    {
        using var training = new Training();
        using var optimizer = optim.SGD(training.Parameters, 1.0);

        LambdaLR(optimizer, epoch => 1.0 / (1 + epoch), last_epoch: 2);

        Assert.Equal(0.25, optimizer.ParamGroups.Single().LearningRate);
    }

    private static void AssertRates(Func<optim.Optimizer, LRScheduler> create, double[] expected)
    {
        using var training = new Training();
        using var optimizer = optim.SGD(training.Parameters, 1.0);
        var scheduler = create(optimizer);

        foreach (var rate in expected)
        {
            Assert.Equal(rate, optimizer.ParamGroups.Single().LearningRate, 1e-6);
            scheduler.step();
        }
    }
}
