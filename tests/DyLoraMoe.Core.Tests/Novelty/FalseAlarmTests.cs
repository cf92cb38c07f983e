using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Testing;
using static DyLoraMoe.Core.Tests.Novelty.KnownKinds;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Novelty;

/// <summary>How often what is known is taken for new, against the rate that is stated, and what is new for known.</summary>
public sealed class FalseAlarmTests
{
    [Fact]
    public void Known_batches_raise_hardly_more_false_alarms_than_stated()
    {
        var alarms = 0;
        const int Libraries = 6, Batches = 60;
        for (var seed = 0; seed < Libraries; seed++)
        {
            var describer = new GaussianDescriber(apart: 0.5 + seed);
            using var folder = new TemporaryFolder();
            using var library = Library(describer, folder.FullPath, 100, seed + 1);
            var detector = new NoveltyDetector(library, describer, new NoveltyOptions { Draws = 1000 });
            alarms += Enumerable.Range(0, Batches).Count(batch => detector.Assess(GaussianDescriber.Samples(seed + 1, 48, seed: 100 + batch)).PValue <= 0.01);
        }

        Assert.InRange(alarms, 0, Libraries * Batches * 0.02);
    }

    [Theory]
    [InlineData(1e-4)]
    [InlineData(1e-3)]
    [InlineData(0.01)]
    public void A_low_false_alarm_rate_still_tells_a_known_skill_from_an_unknown_one(double rate)
    {
        var describer = new GaussianDescriber();
        using var folder = new TemporaryFolder();
        using var library = Library(describer, folder.FullPath, 120, 1);
        var detector = new NoveltyDetector(library, describer, new NoveltyOptions { FalseAlarmRate = rate });

        var known = detector.Assess(GaussianDescriber.Samples(1, 64, 9), Losses());
        var unknown = detector.Assess(GaussianDescriber.Samples(7, 64, 9), Losses());

        Assert.Equal((NoveltyOutcome.Covered, NoveltyOutcome.Novel), (known.Outcome, unknown.Outcome));
        Assert.InRange(unknown.PValue!.Value, 0, rate / 4);
        Assert.DoesNotContain("p = 0 ", unknown.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Tasks_in_other_words_raise_hardly_more_false_alarms_than_stated()
    {
        var describer = new GaussianDescriber();
        using var folder = new TemporaryFolder();
        using var library = Library(describer, folder.FullPath, 100, 1, 2);
        var detector = new NoveltyDetector(library, describer, new NoveltyOptions { Draws = 1000 });
        const int Batches = 200;

        var alarms = Enumerable.Range(0, Batches).Count(batch => detector.Assess(GaussianDescriber.Samples(1, 48, seed: 100 + batch, wording: 3)).Outcome == NoveltyOutcome.Novel);

        Assert.InRange(alarms, 0, Batches * 0.025);
    }

    [Fact]
    public void Entropies_that_lie_orders_of_magnitude_apart_alarm_no_oftener_than_stated()
    {
        var alarms = Enumerable.Range(0, 300).Count(trial => PValueOfEntropies(trial, shift: 0) <= 0.01);
        var misses = Enumerable.Range(0, 100).Count(trial => PValueOfEntropies(trial, shift: 2) > 0.01);

        // One in a hundred is stated, and few held-out samples know their spread only nearly: arithmetic means came to 51.
        Assert.InRange(alarms, 0, 10);
        Assert.InRange(misses, 0, 5);
    }

    // Of a batch of 110 and 45 held-out samples, whose entropies are spread by two natural orders of magnitude, and the batch's larger by a shift.
    private static double PValueOfEntropies(int trial, double shift)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator((ulong)(trial + 1));
        var heldOut = (randn([45, 1], ScalarType.Float64, generator: random) * 2 - 5).exp();
        var skill = new SkillUnderTest
        {
            Skill = new KnownSkill("x", [], null, null),
            Embedding = ones([1], ScalarType.Float64),
            EmbeddingFrom = 1,
            HeldOut = ones([45, 1], ScalarType.Float64),
            HeldOutFeatures = () => heldOut,
            TrainingGradients = ones([1, 1]),
            HeldOutGradients = ones([1, 1]),
        };
        var batch = new BatchUnderTest
        {
            Samples = [],
            Features = (randn([110, 1], ScalarType.Float64, generator: random) * 2 - 5 + shift).exp(),
            Whitened = ones([110, 1], ScalarType.Float64),
            Gradients = ones([110, 1]),
        };
        return BootstrapNull.Test(new RouterEntropySignal(new Entropies(features => features.squeeze(1))).Measure(skill, batch)!, 1000, (ulong)trial).PValue;
    }
}
