using DyLoraMoe.Core.Memory.Consolidation;
using DyLoraMoe.Core.Tests.Data;
using FsCheck.Fluent;

namespace DyLoraMoe.Core.Tests.Memory;

public sealed class PromotionRuleTests
{
    private static readonly PromotionRule _rule = new();

    [Fact]
    public void The_score_grows_with_surprise_recurrence_and_age_and_is_none_without_surprise_or_age() => Law.Holds(
        from surprise in Gen.Choose(1, 100) from told in Gen.Choose(1, 50) from hours in Gen.Choose(1, 500) select (surprise, told, hours),
        c =>
        {
            var episode = Episodes.Of("a", "1") with { Surprise = c.surprise / 10.0, Recurrence = c.told };
            var now = Episodes.Start.AddHours(c.hours);
            var score = _rule.ScoreOf(episode, now);

            Assert.True(score > 0);
            Assert.True(_rule.ScoreOf(episode with { Surprise = episode.Surprise * 2 }, now) > score);
            Assert.True(_rule.ScoreOf(episode with { Uses = 2 }, now) > score);
            Assert.True(_rule.ScoreOf(episode, now.AddHours(1)) >= score);
            Assert.Equal(0, _rule.ScoreOf(episode, Episodes.Start.AddHours(-1)), 1e-12);
            Assert.Equal(0, _rule.ScoreOf(episode with { Surprise = 0 }, now), 1e-12);
        });

    [Fact]
    public void An_answer_of_one_nat_counts_half_after_a_day() =>
        Assert.Equal(0.5, _rule.ScoreOf(Episodes.Of("a", "1") with { Surprise = 1 }, Episodes.Start.AddDays(1)), 1e-9);

    [Fact]
    public void The_highest_scores_are_chosen_first_and_no_more_than_the_most()
    {
        var episodes = Enumerable.Range(0, 9).Select(at => Episodes.Of($"q{at}", "a") with { Surprise = at });

        var chosen = (_rule with { MostEpisodes = 3 }).Choose(episodes, Episodes.Start.AddDays(30));

        Assert.Equal(["q8", "q7", "q6"], chosen.Select(episode => episode.Prompt));
        Assert.Equal(8, _rule.Choose(episodes, Episodes.Start.AddDays(30)).Count);
        Assert.Empty(_rule.Choose(episodes, Episodes.Start));
    }
}
