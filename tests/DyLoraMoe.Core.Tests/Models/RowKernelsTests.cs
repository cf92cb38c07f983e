using DyLoraMoe.Core.Models;

namespace DyLoraMoe.Core.Tests.Models;

/// <summary>Both widths, whichever of them this processor uses.</summary>
public sealed unsafe class RowKernelsTests
{
    public static TheoryData<int, int> Sizes => new MatrixTheoryData<int, int>([1, 2, 3, 4, 5, 7, 8], [1, 15, 16, 33, 768]);

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Every_output_is_the_sum_over_the_inputs(int outputs, int inputs)
    {
        Check<SixteenLanes>(outputs, inputs);
        Check<UsualLanes>(outputs, inputs);
    }

    [Theory]
    [InlineData(1, 64)]
    [InlineData(5, 71)]
    [InlineData(40, 3)]
    [InlineData(6, 32)]
    public void Rows_are_added_by_their_factors(int rows, int count)
    {
        Mixed<SixteenLanes>(rows, count);
        Mixed<UsualLanes>(rows, count);
    }

    private static void Check<T>(int outputs, int inputs)
        where T : struct, ILanes<T>
    {
        var random = new Random(outputs + (100 * inputs));
        var x = Numbers(random, 2 * inputs);
        var w = Numbers(random, outputs * inputs);
        var (one, two, each) = (new float[2 * outputs], new float[2 * outputs], new float[2 * outputs]);
        fixed (float* from = x, weights = w, alone = one, together = two, every = each)
        {
            for (var row = 0; row < 2; row++)
            {
                RowKernels<T>.One(from + (row * inputs), weights, outputs, inputs, alone + (row * outputs));
                RowKernels<T>.Each(from + (row * inputs), weights, outputs, inputs, every + (row * outputs));
            }

            for (var output = 0; output < outputs; output += RowKernels<T>.OutputsOfTwo)
            {
                RowKernels<T>.Two(from, 2, weights + (output * inputs), Math.Min(RowKernels<T>.OutputsOfTwo, outputs - output), inputs, together + output, outputs, isFirst: true);
            }
        }

        Assert.Equal(one, two);
        Assert.Equal(one, each);
        for (var row = 0; row < 2; row++)
        {
            for (var output = 0; output < outputs; output++)
            {
                var expected = Enumerable.Range(0, inputs).Sum(at => (double)x[(row * inputs) + at] * w[(output * inputs) + at]);
                Assert.Equal(expected, one[(row * outputs) + output], 1e-4);
            }
        }
    }

    private static void Mixed<T>(int rows, int count)
        where T : struct, ILanes<T>
    {
        var random = new Random(4);
        var (factors, x, y) = (Numbers(random, rows), Numbers(random, rows * count), Numbers(random, count));
        var before = (float[])y.Clone();
        fixed (float* to = y, each = factors, from = x)
        {
            RowKernels<T>.Mix(to, each, rows, from, count);
        }

        Assert.All(y.Index(), at => Assert.Equal(before[at.Index] + Enumerable.Range(0, rows).Sum(row => (double)factors[row] * x[(row * count) + at.Index]), at.Item, 1e-5));
    }

    private static float[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)];
}
