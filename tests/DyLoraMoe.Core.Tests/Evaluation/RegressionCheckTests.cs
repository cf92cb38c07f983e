using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Tests.Data;
using FsCheck.Fluent;

namespace DyLoraMoe.Core.Tests.Evaluation;

public class RegressionCheckTests
{
    private static readonly SkillResult Clock = Losses("clock", 60, 0.02, seed: 1);
    private static readonly SkillResult Story = Losses("story", 60, 2.0, seed: 2);

    // Controls of pitfall 11 of the prior art, whose harness let everything pass.
    [Fact]
    public void A_candidate_that_does_nothing_passes_with_no_difference() =>
        Law.Holds(from seed in Gen.Choose(1, 1000) from count in Gen.Choose(1, 40) select (seed, count), c =>
        {
            var skill = Losses("any", c.count, 1.5, (ulong)c.seed) with { Correct = [.. Enumerable.Range(0, c.count).Select(i => i % 3 == 0)] };

            var report = RegressionCheck.Compare([skill], [skill]);

            Assert.True(report.IsAccepted);
            Assert.All(report.Rows, row => Assert.Equal((0, 0, 0), (row.Difference, row.Low, row.High)));
        });

    [Fact]
    public void A_damaged_candidate_is_refused_by_the_skill_it_hurts_most()
    {
        var report = RegressionCheck.Compare([Clock, Story], [Raise(Clock, 0.5), Raise(Story, 0.05)]);

        Assert.False(report.IsAccepted);
        Assert.Equal(("clock", RegressionVerdict.Worse), (report.Worst!.Skill, report.Worst.Verdict));
        Assert.Equal(0.5, report.Worst.Difference, 1e-6);
        Assert.Contains("refused: clock goes from 0.0199 to 0.5199 nats/token (+0.5000, interval +0.5000 to +0.5000), budget 0.0100", report.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void A_random_candidate_is_refused() =>
        Assert.Equal(RegressionVerdict.Worse, RegressionCheck.Compare([Clock], [Losses("clock", 60, Math.Log(1024), seed: 1)]).Rows[0].Verdict);

    [Fact]
    public void An_empty_held_out_set_is_an_error()
    {
        var empty = new SkillResult("clock", []);

        Assert.Contains("proves nothing", Assert.Throws<ArgumentException>(() => RegressionCheck.Compare([empty], [empty])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => RegressionCheck.Compare([], []));
        var scoreless = new SkillResult("clock", [new SampleLoss(0, 0, 0, 0)]);
        Assert.Contains("different tokens", Assert.Throws<ArgumentException>(() => RegressionCheck.Compare([scoreless], [scoreless])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => RegressionCheck.Compare([Clock with { Correct = [] }], [Clock with { Correct = [] }]));
    }

    [Fact]
    public void A_loss_that_is_not_a_number_is_never_kept_and_worse_than_any_other() =>
        Assert.Equal(("clock", RegressionVerdict.Worse), (RegressionCheck.Compare([Story, Clock], [Raise(Story, 9), Raise(Clock, double.NaN)]).Worst!.Skill, RegressionVerdict.Worse));

    [Fact]
    public void The_budget_is_absolute_for_small_losses_and_a_share_of_large_ones()
    {
        Assert.True(RegressionCheck.Compare([Clock, Story], [Raise(Clock, 0.009), Raise(Story, 0.019)]).IsAccepted);
        Assert.Equal("clock", RegressionCheck.Compare([Clock, Story], [Raise(Clock, 0.011), Raise(Story, 0.019)]).Worst!.Skill);
        Assert.Equal("story", RegressionCheck.Compare([Clock, Story], [Raise(Clock, 0.009), Raise(Story, 0.022)]).Worst!.Skill);
    }

    [Fact]
    public void A_difference_within_the_budget_by_luck_is_not_proof()
    {
        // One sample much worse and one much better: the mean says nothing happened.
        var losses = Clock.Losses.ToArray();
        losses[0] = losses[0] with { Nats = losses[0].Nats + 8 };
        losses[1] = losses[1] with { Nats = Math.Max(0, losses[1].Nats - 8 + 0.3) };

        var row = RegressionCheck.Compare([Clock], [Clock with { Losses = losses }], new RegressionBudget { Nats = 0.03 }).Rows[0];

        Assert.Equal(RegressionVerdict.Unproven, RegressionCheck.Compare([Clock], [Clock with { Losses = losses }], new RegressionBudget { Nats = row.Difference + 0.001 }).Rows[0].Verdict);
        Assert.Contains("too few to tell", RegressionCheck.Compare([Clock], [Clock with { Losses = losses }], new RegressionBudget { Nats = row.Difference + 0.001 }).Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void Small_steps_down_do_not_add_up() => Law.Holds(
        from seed in Gen.Choose(1, 1000) from percent in Gen.Choose(10, 95) from loss in Gen.Choose(1, 300) select (seed, percent, loss),
        c =>
        {
            var budget = new RegressionBudget();
            var best = Losses("any", 40, c.loss / 100.0, (ulong)c.seed);
            var (served, least, steps) = (best, new EvaluationReport(best.Losses).Loss, 0);
            while (true)
            {
                var next = Raise(served, budget.Rise(new EvaluationReport(served.Losses).Loss) * c.percent / 100);
                Assert.True(RegressionCheck.Compare([served], [next]).IsAccepted);
                if (RegressionCheck.BeyondBest([next], _ => least, budget) is [var row])
                {
                    Assert.Equal((RegressionVerdict.Worse, true), (row.Verdict, row.IsAgainstBest));
                    Assert.Contains("at its best to", new RegressionReport([row]).Summary, StringComparison.Ordinal);
                    break;
                }

                (served, steps) = (next, steps + 1);
                Assert.InRange(new EvaluationReport(served.Losses).Loss, least, least + (5 * budget.Rise(least)) + 1e-9);
            }

            Assert.InRange(steps, 4, 50);
            Assert.Equal(least, budget.Binding(least, new EvaluationReport(served.Losses).Loss));

            // Where it was given up on purpose, what serves counts.
            Assert.Equal(least + 9, budget.Binding(least, least + 9));
            Assert.Null(budget.Binding(null, least));
            Assert.Empty(RegressionCheck.BeyondBest([Raise(best, 9)], _ => null, budget));
        });

    [Fact]
    public void What_was_just_learnt_is_refused_beyond_ten_times_the_budget_and_needs_no_proof_within_it()
    {
        // One sample much worse and one nearly as much better: a mean of 0.02 that could as well be more.
        var losses = Clock.Losses.ToArray();
        losses[0] = losses[0] with { Nats = losses[0].Nats + 8 };
        losses[1] = losses[1] with { Nats = Math.Max(0, losses[1].Nats - 8 + 0.3) };
        var doubtful = Clock with { Losses = losses };

        Assert.Equal(RegressionVerdict.Worse, RegressionCheck.Compare([Clock], [doubtful]).Rows[0].Verdict);
        var kept = Learnt(doubtful);
        Assert.True(kept.IsAccepted);
        Assert.Equal([false, true], kept.Rows.Select(row => row.IsLearnt));

        // One much worse and none better: half a nat per token that could as well be nothing.
        var (few, hurt) = (Pairs(0), Pairs(16));
        var one = RegressionCheck.Compare([few], [hurt], isLearnt: _ => true);
        Assert.InRange(one.Rows[0].Low, double.NegativeInfinity, 0.01);
        Assert.Equal((0.5, RegressionVerdict.Worse), (one.Rows[0].Difference, one.Rows[0].Verdict));

        // Ten times the budget of older skills.
        Assert.True(Learnt(Raise(Clock, 0.09)).IsAccepted);
        var refused = Learnt(Raise(Clock, 0.11));
        Assert.False(refused.IsAccepted);
        Assert.StartsWith("refused: clock itself gains nothing: it goes from 0.0199 to ", refused.Summary, StringComparison.Ordinal);
        Assert.EndsWith("; give it more data, or a lower rate", refused.Summary, StringComparison.Ordinal);
        Assert.False(Learnt(Clock with { Losses = [.. Clock.Losses.Select(loss => loss with { Nats = double.NaN })] }).IsAccepted);

        static SkillResult Pairs(double harm) => new("few", [.. Enumerable.Range(0, 8).Select(i => new SampleLoss(i == 3 ? 4 + harm : 4, 4, 4, 4))]);
        static RegressionReport Learnt(SkillResult clock) => RegressionCheck.Compare([Story, Clock], [Story, clock], isLearnt: name => name == "clock");
    }

    [Fact]
    public void Exact_answers_of_what_was_just_learnt_are_judged_alike()
    {
        // Of a hundred, two more or less are no matter; half of them are.
        Assert.Equal(RegressionVerdict.Worse, RegressionCheck.Compare([Right(50)], [Right(48)]).Rows[1].Verdict);
        Assert.True(RegressionCheck.Compare([Right(50)], [Right(48)], isLearnt: _ => true).IsAccepted);
        Assert.Equal(RegressionVerdict.Worse, RegressionCheck.Compare([Right(50)], [Right(0)], isLearnt: _ => true).Rows[1].Verdict);

        static SkillResult Right(int right) => new("match", [.. Enumerable.Range(0, 100).Select(_ => new SampleLoss(1, 1, 1, 1))], [.. Enumerable.Range(0, 100).Select(i => i < right)]);
    }

    [Fact]
    public void What_is_worse_is_never_judged_better() =>
        Law.Holds(
            from rise in Gen.Choose(-100, 100)
            from more in Gen.Choose(0, 100)
            select (rise: rise / 1000.0, more: more / 1000.0),
            c =>
            {
                var less = RegressionCheck.Compare([Story], [Raise(Story, c.rise)]).Rows[0].Verdict;
                Assert.True(RegressionCheck.Compare([Story], [Raise(Story, c.rise + c.more)]).Rows[0].Verdict >= less);
            },
            cases: 40);

    [Fact]
    public void The_interval_covers_the_true_difference_as_often_as_it_says()
    {
        var (covered, runs) = (0, 300);
        for (var run = 0; run < runs; run++)
        {
            var random = new SeededRandom((ulong)run, 77);
            var active = Losses("s", 40, 1, (ulong)run);
            var losses = active.Losses.Select(loss => loss with { Nats = loss.Nats + (loss.Tokens * (0.05 + (0.2 * (random.NextDouble() - 0.5)))) }).ToArray();
            var row = RegressionCheck.Compare([active], [active with { Losses = losses }], new RegressionBudget { Resamples = 400 }).Rows[0];
            covered += row.High >= 0.05 ? 1 : 0;
        }

        Assert.InRange(covered / (double)runs, 0.91, 0.985);
    }

    [Fact]
    public void Exact_match_may_fall_by_its_points_or_by_one_sample()
    {
        Assert.True(Match(60, 50, 49).IsAccepted);
        Assert.Equal("exact match %", Match(60, 50, 48).Worst!.Measure);
        Assert.True(Match(1000, 500, 490).IsAccepted);
        Assert.False(Match(1000, 500, 489).IsAccepted);
        Assert.True(Match(60, 10, 60).IsAccepted);

        static RegressionReport Match(int count, int before, int after)
        {
            var skill = Losses("s", count, 1, seed: 3);
            return RegressionCheck.Compare(
                [skill with { Correct = [.. Enumerable.Range(0, count).Select(i => i < before)] }],
                [skill with { Correct = [.. Enumerable.Range(0, count).Select(i => i < after)] }]);
        }
    }

    [Fact]
    public void Exact_match_that_the_candidate_lacks_is_an_error() =>
        Assert.Contains("active configuration only", Assert.Throws<ArgumentException>(() => RegressionCheck.Compare([Clock with { Correct = [.. new bool[60]] }], [Clock])).Message, StringComparison.Ordinal);

    [Fact]
    public void The_candidate_must_know_every_skill_and_may_know_more()
    {
        Assert.Contains("'story'", Assert.Throws<ArgumentException>(() => RegressionCheck.Compare([Clock, Story], [Clock])).Message, StringComparison.Ordinal);
        Assert.Single(RegressionCheck.Compare([Clock], [Story, Clock]).Rows);
    }

    [Fact]
    public void The_table_shows_every_figure_and_the_same_input_gives_the_same_table()
    {
        var table = RegressionCheck.Compare([Clock, Story], [Raise(Clock, 0.5), Story]).ToTable();

        Assert.Contains("skill  measure", table, StringComparison.Ordinal);
        Assert.Contains("+0.5000", table, StringComparison.Ordinal);
        Assert.Contains("worse", table, StringComparison.Ordinal);
        Assert.Contains("kept", table, StringComparison.Ordinal);
        Assert.Equal(table, RegressionCheck.Compare([Clock, Story], [Raise(Clock, 0.5), Story]).ToTable());
    }

    private static SkillResult Losses(string skill, int count, double mean, ulong seed)
    {
        var random = new SeededRandom(seed, 5);
        return new SkillResult(skill, [.. Enumerable.Range(0, count).Select(_ =>
        {
            var tokens = random.Between(3, 9);
            var nats = tokens * mean * (0.5 + random.NextDouble());
            return new SampleLoss(nats, tokens, nats, tokens);
        })]);
    }

    private static SkillResult Raise(SkillResult skill, double perToken) =>
        skill with { Losses = [.. skill.Losses.Select(loss => loss with { Nats = loss.Nats + (perToken * loss.Tokens) })] };
}
