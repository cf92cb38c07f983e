using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Features;
using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Novelty;

public sealed class DriftMonitorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly GaussianDescriber _describer = new(apart: 2);
    private readonly SkillLibrary _library;
    private readonly NoveltyMap _map;
    private readonly PromptNovelty _novelty;

    public DriftMonitorTests()
    {
        _library = SkillLibrary.Create(_folder.FullPath, _describer, GaussianDescriber.Anchors());
        foreach (var kind in new[] { 1, 2, 3 })
        {
            _library.Add($"skill-{kind}", $"sha256:{kind:x8}", GaussianDescriber.Samples(kind, 300, seed: 1), GaussianDescriber.Samples(kind, 200, seed: 2), _describer);
        }

        _map = NoveltyMap.Of(_library);
        _novelty = new PromptNovelty(_map);
    }

    [Fact]
    public void Known_prompts_have_even_p_values_and_new_ones_small()
    {
        var known = Figures(2, 400, seed: 5);
        var unknown = Figures(9, 100, seed: 5);

        Assert.All(known, figure => Assert.Equal("skill-2", figure.Skill));
        Assert.InRange(known.Count(figure => figure.PValue <= 0.1) / 400.0, 0.04, 0.2);
        Assert.InRange(known.Count(figure => figure.PValue <= 0.5) / 400.0, 0.38, 0.62);
        Assert.All(unknown, figure => Assert.True(figure.PValue < 0.02));
        Assert.InRange(known.Average(figure => figure.Distance), 6, 10);
    }

    [Theory]
    [InlineData(0.005, false, true)]
    [InlineData(0.01, false, false)]
    [InlineData(0.02, false, false)]
    [InlineData(0.02, true, true)]
    public void A_prompt_is_novel_when_hardly_any_known_one_lies_as_far_out(double p, bool isFarthest, bool isNovel)
    {
        var figures = new PromptFigures("reverse", null, 9, p, null) { IsFarthest = isFarthest };

        Assert.Equal(isNovel, figures.IsNovel);
        Assert.True(figures.LiesBeyond(0.05));
    }

    [Fact]
    public void One_product_gives_the_distance_that_the_definition_gives()
    {
        using var scope = NewDisposeScope();
        using var space = new SkillSpace(_library);
        var features = Features(2, 5, seed: 6);
        var z = space.Whiten(_library.Projection.Of(features));
        var expected = (z - space.Means[1]).norm(1).data<double>().ToArray();

        var actual = _novelty.Of(features);

        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second.Distance, 1e-2));
    }

    [Fact]
    public void The_routers_entropy_is_passed_on_and_an_empty_library_knows_nothing()
    {
        using var folder = new TemporaryFolder();
        using var empty = SkillLibrary.Create(folder.FullPath, _describer, GaussianDescriber.Anchors());
        using var map = NoveltyMap.Of(empty);
        using var novelty = new PromptNovelty(map, features => features.mean([1]) * 0 + 0.25);
        using var features = Features(1, 1, seed: 6);

        var figure = Assert.Single(novelty.Of(features));

        Assert.Equal((null, 0.25, 1), (figure.Skill, figure.RouterEntropy, figure.PValue));
        Assert.Contains("Add a skill first", Assert.Throws<ArgumentException>(() => new DriftMonitor(map, novelty)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(1000)]
    public void The_limit_lets_known_requests_raise_a_flag_about_as_often_as_stated(int between)
    {
        var random = new SeededRandom(11);
        var nulls = Enumerable.Range(0, 2000).Select(_ => random.NextNormal()).ToArray();
        var limit = CusumThreshold.For(nulls, 0.5, between, seed: 1);
        var (sum, flags, steps) = (0.0, 0, 200 * between);
        for (var i = 0; i < steps; i++)
        {
            sum = Math.Max(0, sum + random.NextNormal() - 0.5);
            (sum, flags) = sum > limit ? (0, flags + 1) : (sum, flags);
        }

        Assert.InRange(flags, 100, 350);
    }

    [Fact]
    public void A_lasting_shift_is_found_within_a_few_requests()
    {
        var monitor = new DriftMonitor(_map, _novelty);
        Send(monitor, 1, 300, seed: 5);
        Assert.Equal(0, monitor.State.Flags);

        for (var request = 0; monitor.State.Flags == 0 && request < 20; request++)
        {
            Send(monitor, 9, 1, seed: 5 + request);
        }

        Assert.InRange(monitor.State.Requests, 302, 308);
    }

    [Fact]
    public void New_requests_are_grouped_by_what_they_are()
    {
        var monitor = new DriftMonitor(_map, _novelty, new DriftOptions { Remembered = 200 });
        for (var round = 0; round < 6; round++)
        {
            Send(monitor, 9, 10, seed: 20 + round);
            Send(monitor, 1, 10, seed: 20 + round);
            Send(monitor, 12, 8, seed: 20 + round);
        }

        var proposed = monitor.Propose();

        Assert.Equal([60, 48], proposed.Select(skill => skill.Count));
        Assert.All(proposed[0].Members, id => Assert.StartsWith("9-", id, StringComparison.Ordinal));
        Assert.All(proposed[1].Members, id => Assert.StartsWith("12-", id, StringComparison.Ordinal));
        Assert.All(proposed, skill => Assert.InRange(skill.Cohesion, 0.5, 1.5));
        Assert.Equal(48, Assert.Single(monitor.Propose([proposed[0].Centroid])).Count);
        Assert.Empty(monitor.Propose([.. proposed.Select(skill => skill.Centroid)]));
        Assert.Contains("another map", Assert.Throws<ArgumentException>(() => monitor.Propose([[1, 2, 3]])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(19)]
    public void New_requests_near_a_skill_with_few_held_out_prompts_are_proposed_too(int heldOut)
    {
        using var folder = new TemporaryFolder();
        using var library = SkillLibrary.Create(folder.FullPath, _describer, GaussianDescriber.Anchors());
        library.Add("skill-1", "sha256:1", GaussianDescriber.Samples(1, 300, seed: 1), GaussianDescriber.Samples(1, heldOut, seed: 2), _describer);
        using var map = NoveltyMap.Of(library);
        using var novelty = new PromptNovelty(map);
        var monitor = new DriftMonitor(map, novelty);
        foreach (var (kind, count) in new[] { (9, 40), (1, 100) })
        {
            using var features = Features(kind, count, seed: 5);
            monitor.Observe([.. Enumerable.Range(0, count).Select(index => $"{kind}-{index}")], features, novelty.Of(features));
        }

        var proposed = Assert.Single(monitor.Propose());

        Assert.All(proposed.Members, id => Assert.StartsWith("9-", id, StringComparison.Ordinal));
    }

    [Fact]
    public void Odd_prompts_of_known_skills_make_no_proposal()
    {
        var monitor = new DriftMonitor(_map, _novelty);

        Send(monitor, 1, 1500, seed: 7);
        Send(monitor, 2, 1500, seed: 7);

        Assert.True(monitor.State.Recent.Count > 50);
        Assert.Empty(monitor.Propose());
    }

    [Fact]
    public void It_remembers_the_newest_of_the_odd_ones()
    {
        var monitor = new DriftMonitor(_map, _novelty, new DriftOptions { Remembered = 20 });

        Send(monitor, 9, 30, seed: 5);
        var before = monitor.State.Recent.Select(request => request.Id).ToList();
        Send(monitor, 8, 5, seed: 6);

        Assert.Equal(20, before.Count);
        Assert.Equal(before.Skip(5), monitor.State.Recent.Take(15).Select(request => request.Id));
    }

    public void Dispose()
    {
        _novelty.Dispose();
        _map.Dispose();
        _library.Dispose();
        _folder.Dispose();
    }

    private Tensor Features(int kind, int count, int seed) =>
        _describer.Features([.. GaussianDescriber.Samples(kind, count, seed).Select(FeatureExtractor.PromptOf)]);

    private IReadOnlyList<PromptFigures> Figures(int kind, int count, int seed)
    {
        using var features = Features(kind, count, seed);
        return _novelty.Of(features);
    }

    private void Send(DriftMonitor monitor, int kind, int count, int seed)
    {
        using var features = Features(kind, count, seed);
        monitor.Observe([.. Enumerable.Range(0, count).Select(index => $"{kind}-{seed}-{index}")], features, _novelty.Of(features));
    }
}
