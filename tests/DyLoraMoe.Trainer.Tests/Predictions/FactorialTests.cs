using DyLoraMoe.Trainer.Predictions.Reporting;
using DyLoraMoe.Trainer.Predictions.Running;
using DyLoraMoe.Trainer.Predictions.Trials;

namespace DyLoraMoe.Trainer.Tests.Predictions;

public class FactorialTests
{
    [Fact]
    public void Half_of_all_cells_hold_nothing_on_and_all_on_and_every_mechanism_is_on_in_half_of_them()
    {
        Assert.Equal(32, Experiments.HalfFraction.Distinct().Count());
        Assert.Contains(Mechanisms.None, Experiments.HalfFraction);
        Assert.Contains(Mechanisms.All, Experiments.HalfFraction);
        Assert.All(Experiments.Single, one => Assert.Equal(16, Experiments.HalfFraction.Count(cell => cell.HasFlag(one))));
    }

    [Fact]
    public void Effects_that_were_put_in_come_out_and_explain_everything()
    {
        const Mechanisms pair = Mechanisms.Apollo | Mechanisms.Dreams;
        var factorial = new Factorial([.. new[] { 0.0, 1.0 }.Select(offset => Experiments.HalfFraction.ToDictionary(cell => cell, cell => offset + Value(cell)))]);
        Assert.Equal(3, factorial.Effect(Mechanisms.Diversity).Mean, 1e-9);
        Assert.Equal(-1, factorial.Effect(Mechanisms.TwoStage).Mean, 1e-9);
        Assert.Equal(0, factorial.Effect(Mechanisms.GuardedSteps).Mean, 1e-9);
        Assert.Equal(0.5, factorial.Effect(pair).Mean, 1e-9);
        Assert.Equal(1, factorial.Explained([Mechanisms.Diversity, Mechanisms.TwoStage, pair]), 1e-9);
        Assert.InRange(factorial.Explained(Experiments.Single), 0.97, 0.98);

        static double Value(Mechanisms cell) =>
            (cell.HasFlag(Mechanisms.Diversity) ? 3 : 0) - (cell.HasFlag(Mechanisms.TwoStage) ? 1 : 0)
            + ((cell.HasFlag(Mechanisms.Apollo) == cell.HasFlag(Mechanisms.Dreams)) ? 0.5 : 0);
    }

    [Fact]
    public void Spans_are_cut_where_blocks_meet_and_keep_what_is_done_to_them()
    {
        var spans = Span.Cut(Span.Stressed, 4);
        Assert.Equal(0, spans[0].From);
        Assert.Equal(1, spans[^1].To);
        Assert.All(spans.Zip(spans.Skip(1)), pair => Assert.Equal(pair.First.To, pair.Second.From));
        Assert.Equal(0.03, Length(spans, SpanKind.Poisoned), 1e-9);
        Assert.Equal(0.05, Length(spans, SpanKind.TooFast), 1e-9);
        Assert.Equal(0.1, Length(spans, SpanKind.Switched), 1e-9);
        Assert.Equal([0, 1, 2, 3], spans.Select(span => span.Block(4)).Distinct());
    }

    [Theory]
    [InlineData(0.001, 0.005, 0.08, 3e-4, 1e-3)]
    [InlineData(0.001, 0.02001, 0.08, 2.9e-4, 3.1e-4)]
    public void The_critical_rate_lies_between_the_rates_around_it(double low, double middle, double high, double least, double most) =>
        Assert.InRange(RateSection.Critical([Result(1e-4, low), Result(3e-4, middle), Result(1e-3, high)], "diverse", 1), least, most);

    [Fact]
    public void A_rate_that_diverged_is_above_the_critical_one() =>
        Assert.InRange(RateSection.Critical([Result(1e-4, 0.001), Result(3e-4, null)], "diverse", 1), 1e-4, 3e-4);

    private static double Length(IEnumerable<Span> spans, SpanKind kind) => spans.Where(span => span.Kind == kind).Sum(span => span.To - span.From);

    private static TrialResult Result(double rate, double? forgetting) => new()
    {
        Options = new TrialOptions { Experiment = Experiments.Rates, Arm = $"diverse {rate}", Run = 1, Rate = rate },
        Before = Ability(1),
        After = forgetting is { } share ? Ability(1 + share) : null,
        Tokens = 0,
        Steps = 0,
        StepDivergence = 0,
        Seconds = 0,
    };

    private static Ability Ability(double loss) => new()
    {
        Usual = new TestScore(1, 0),
        NovelFrames = new TestScore(1, 0),
        UntaughtPairs = new TestScore(1, 0),
        Canaries = new Dictionary<string, double> { ["story"] = loss },
    };
}
