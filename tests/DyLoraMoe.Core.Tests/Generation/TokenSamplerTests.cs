using DyLoraMoe.Core.Generation;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Generation;

public sealed class TokenSamplerTests
{
    // Its first draw is so near to 1 that it is 1 in single precision, which one in thirty million seeds does.
    private const int SeedOfOne = 23100513;

    [Fact]
    public void The_largest_draw_still_takes_a_token_within_the_nucleus()
    {
        using var scope = NewDisposeScope();
        var options = new GenerationOptions { Temperature = 1, TopP = 0.6, Seed = SeedOfOne, LogProbabilities = true };
        using var sampler = new TokenSampler(options, [[1]], vocabulary: 4, TestDevice.Current);

        var chosen = sampler.Next(tensor(new[] { -1f, 3, 2, -2 }, [1, 4], device: TestDevice.Current));

        Assert.Equal(1, chosen.item<long>());
        Assert.Equal(0, sampler.LogProbabilities![0], 1e-6);
    }

    [Fact]
    public void Only_tokens_within_the_nucleus_are_drawn()
    {
        using var scope = NewDisposeScope();
        var options = new GenerationOptions { Temperature = 1, TopP = 0.9, Seed = 3 };
        using var sampler = new TokenSampler(options, [[1]], vocabulary: 4, TestDevice.Current);
        var scores = tensor(new[] { -1f, 3, 2, -2 }, [1, 4], device: TestDevice.Current);   // Shares 0.013, 0.72, 0.26, 0.005.

        var drawn = Enumerable.Range(0, 200).Select(_ => sampler.Next(scores).item<long>()).ToHashSet();

        Assert.Equal([1, 2], drawn.Order());
    }
}
