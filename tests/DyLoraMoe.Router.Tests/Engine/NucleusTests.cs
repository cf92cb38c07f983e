using DyLoraMoe.Router.Engine;

namespace DyLoraMoe.Router.Tests.Engine;

public sealed class NucleusTests
{
    // Probabilities 0.5, 0.3, 0.15, 0.05 in an order that is not theirs.
    private static readonly float[] _scores = [MathF.Log(0.15f), MathF.Log(0.5f), MathF.Log(0.05f), MathF.Log(0.3f)];

    [Theory]
    [InlineData(1.0, 0, new[] { 0, 1, 2, 3 })]
    [InlineData(0.9, 0, new[] { 0, 1, 3 })]
    [InlineData(0.6, 0, new[] { 1, 3 })]
    [InlineData(0.1, 0, new[] { 1 })]
    [InlineData(1.0, 2, new[] { 1, 3 })]
    [InlineData(0.6, 3, new[] { 1, 3 })]
    public void Only_the_tokens_that_are_allowed_are_drawn(double topP, int topK, int[] allowed)
    {
        var settings = new SamplingSettings { Temperature = 1, TopP = topP, TopK = topK };
        var drawn = Enumerable.Range(0, 1000).Select(step => Nucleus.Draw(_scores, settings, step / 1000.0)).ToHashSet();
        Assert.Equal(allowed.Order(), drawn.Order());
    }

    [Fact]
    public void Tokens_are_drawn_as_often_as_they_are_likely()
    {
        var settings = new SamplingSettings { Temperature = 1 };
        var drawn = Enumerable.Range(0, 1000).Select(step => Nucleus.Draw(_scores, settings, step / 1000.0)).CountBy(id => id).ToDictionary();
        Assert.InRange(drawn[1], 495, 505);
        Assert.InRange(drawn[2], 45, 55);
    }

    [Fact]
    public void Of_tokens_that_are_equally_likely_those_with_lower_ids_come_first()
    {
        var random = new Random(3);
        for (var round = 0; round < 50; round++)
        {
            var scores = Enumerable.Range(0, 200).Select(_ => (float)random.Next(6)).ToArray();
            var best = Enumerable.Range(0, 200).OrderByDescending(id => scores[id]).ThenBy(id => id).Take(30).ToArray();
            var settings = new SamplingSettings { Temperature = 1, TopK = 30 };

            var drawn = Enumerable.Range(0, 2000).Select(step => Nucleus.Draw(scores, settings, step / 2000.0)).Distinct().ToArray();

            Assert.Equal(best, drawn);
        }
    }

    [Fact]
    public void What_is_excluded_is_never_drawn()
    {
        float[] scores = [float.NegativeInfinity, 0, float.NegativeInfinity];
        Assert.All([0.0, 0.5, 0.999999], draw => Assert.Equal(1, Nucleus.Draw(scores, new SamplingSettings { Temperature = 2, TopP = 0.99 }, draw)));
    }
}
