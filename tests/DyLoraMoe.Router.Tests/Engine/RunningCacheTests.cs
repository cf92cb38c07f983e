using DyLoraMoe.Router.Engine;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Router.Tests.Engine;

public sealed class RunningCacheTests
{
    private const int Layers = 12;

    [Fact]
    public void Moving_rows_keeps_what_they_hold_and_copies_one_layer_at_a_time()
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var config = TinyModels.Config() with { Layers = Layers };
        using var nothing = new PromptCache(config, ScalarType.Float32, CPU, tokens: 0);
        using var cache = new RunningCache(config, ScalarType.Float32, CPU, mostRows: 2, mostTokens: 31);
        cache.Add(nothing, 0);
        Fill(40);
        cache.Add(nothing, 0);
        Fill(24);
        cache.Remove(0);
        Assert.Equal(24, cache.Length);

        // As many tensors as there ever were: one more at a time shows from here on.
        List<Tensor> others = [];
        while (Tensor.TotalCount < Tensor.PeakCount)
        {
            others.Add(zeros(1));
        }

        var peak = Tensor.PeakCount;
        cache.Reserve();

        Assert.InRange(Tensor.PeakCount - peak, 0, Layers - 1);
        var expected = Enumerable.Range(40, 24).Append(64).Select(number => (float)number).ToArray();
        for (var layer = 0; layer < Layers; layer++)
        {
            var (keys, values) = Write(layer, 64);
            Assert.Equal(expected, First(keys));
            Assert.Equal(expected.Select(number => -number), First(values));
        }

        float[] First(Tensor window) => window.select(1, 0).select(2, 0).flatten().contiguous().data<float>().ToArray();

        void Fill(int columns)
        {
            for (var column = 0; column < columns; column++)
            {
                cache.Reserve();
                var number = cache.Rows == 2 ? 40 + column : column;
                for (var layer = 0; layer < Layers; layer++)
                {
                    Write(layer, number);
                }

                cache.Advance();
            }
        }

        (Tensor Keys, Tensor Values) Write(int layer, float number)
        {
            var keys = full([cache.Rows, config.KeyValueHeads, 1, config.HeadSize], number);
            return cache.Append(layer, keys, keys * -1);
        }
    }
}
