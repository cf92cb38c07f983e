using DyLoraMoe.Core.Generation;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Core.Tests.Generation;

public sealed class SelfSamplesTests
{
    [Fact]
    public void Texts_that_were_cut_by_a_stop_are_none()
    {
        using var model = TinyModels.Create();
        using var stop = new CancellationTokenSource();
        var passes = 0;
        model.modules().OfType<RmsNorm>().First().register_forward_pre_hook(_ =>
        {
            if (++passes == 3)
            {
                stop.Cancel();
            }
        });

        Assert.Throws<OperationCanceledException>(() => SelfSamples.Draw(model, count: 8, longest: 16, seed: 1, stop.Token));
        Assert.Equal(3, passes);
    }
}
