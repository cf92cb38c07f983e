using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Features;
using DyLoraMoe.Core.Novelty;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Novelty;

public class BootstrapNullTests
{
    private const int Trials = 2000;

    // Before the spread's own uncertainty counted, 8 held-out samples of one number came to 3 %, 12 to 2.6 %.
    [Theory]
    [InlineData(8, 1, 0.018)]
    [InlineData(12, 1, 0.018)]
    [InlineData(50, 1, 0.016)]
    [InlineData(8, 12, 0.018)]
    [InlineData(12, 12, 0.018)]
    [InlineData(50, 12, 0.016)]
    public void Few_held_out_samples_alarm_no_oftener_than_stated(int heldOut, int width, double most)
    {
        var pValues = Enumerable.Range(0, Trials).Select(trial => PValue(trial, heldOut, width, shift: 0)).ToList();

        Assert.InRange(pValues.Count(p => p <= 0.01) / (double)Trials, 0, most);
        Assert.InRange(pValues.Count(p => p <= 0.1) / (double)Trials, 0.02, 0.13);
    }

    [Theory]
    [InlineData(8, 1)]
    [InlineData(32, 1)]
    [InlineData(32, 12)]
    public void A_batch_that_lies_apart_is_still_found(int heldOut, int width) =>
        Assert.InRange(Enumerable.Range(0, 200).Count(trial => PValue(trial, heldOut, width, shift: heldOut < 32 ? 2 : 1) <= 0.01), 180, 200);

    [Fact]
    public void What_differs_by_rounding_alone_is_no_news()
    {
        using var scope = NewDisposeScope();
        var same = ones([64, 1], ScalarType.Float64);

        Assert.Equal(1, BootstrapNull.Test(new SignalStatistics(same + 1e-12, same, means => means.squeeze(1)), 1000, seed: 1).PValue);
    }

    [Fact]
    public void One_held_out_sample_says_nothing()
    {
        using var scope = NewDisposeScope();

        Assert.Equal(1, BootstrapNull.Test(new SignalStatistics(ones([64, 1], ScalarType.Float64), zeros([1, 1], ScalarType.Float64), means => means.squeeze(1)), 1000, seed: 1).PValue);
    }

    // A batch of 64 that is of the skill but for a shift in deviations. One number is scored by itself and of several the length, around what 300 training samples say.
    private static double PValue(int trial, int heldOut, int width, double shift)
    {
        using var scope = NewDisposeScope();
        var random = new SeededRandom((ulong)trial, (ulong)heldOut, (ulong)width);
        var (batch, known) = (Normal(64) + (shift / Math.Sqrt(width)), Normal(heldOut));
        var training = Normal(1) / Math.Sqrt(300);
        var statistics = width == 1
            ? new SignalStatistics(batch, known, means => means.squeeze(1))
            : new SignalStatistics(batch - training, known - training, means => means.norm(1)) { Expected = zeros_like(training), ExpectedFrom = 300 };
        return BootstrapNull.Test(statistics, 999, (ulong)trial).PValue;

        Tensor Normal(int rows) => tensor(Enumerable.Range(0, rows * width).Select(_ => random.NextNormal()).ToArray(), [rows, width]);
    }
}
