using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Tests.Workspaces;

public class RouterEvidenceTests
{
    private static readonly RegressionBudget _budget = new() { Nats = 0.05, Share = 0 };

    // One of twenty lost four nats in ten tokens: 0.02 nats per token, which is allowed, and a bound of three times that, which is not.
    private static readonly IReadOnlyList<SampleLoss> _before = Losses(20, worse: 0);
    private static readonly IReadOnlyList<SampleLoss> _unproven = Losses(20, worse: 1);

    [Fact]
    public void Evidence_that_nothing_is_lost_settles_what_few_samples_leave_open()
    {
        var report = Compare(_before, _unproven, Evidence(Losses(200, worse: 0), Losses(200, worse: 1)));

        Assert.True(report.IsAccepted);
        Assert.Equal(220, Assert.Single(report.Rows).Samples);
    }

    [Fact]
    public void Evidence_that_more_is_lost_settles_it_too()
    {
        var report = Compare(_before, _unproven, Evidence(Losses(200, worse: 0), Losses(200, worse: 30)));

        Assert.Equal(RegressionVerdict.Worse, Assert.Single(report.Rows).Verdict);
        Assert.Empty(report.Unproven);
    }

    [Fact]
    public void What_held_out_samples_tell_needs_no_evidence()
    {
        var good = Evidence(Losses(200, worse: 0), Losses(200, worse: 0));
        var bad = Evidence(Losses(200, worse: 0), Losses(200, worse: 200));

        Assert.Equal((RegressionVerdict.Worse, 20), Row(Compare(_before, Losses(20, worse: 3), good)));
        Assert.Equal((RegressionVerdict.Kept, 20), Row(Compare(_before, _before, bad)));
        Assert.Equal((RegressionVerdict.Unproven, 20), Row(Compare(_before, _unproven, null)));

        static (RegressionVerdict, int) Row(RegressionReport report) => (Assert.Single(report.Rows).Verdict, report.Rows[0].Samples);
    }

    private static RegressionReport Compare(IReadOnlyList<SampleLoss> before, IReadOnlyList<SampleLoss> after, RouterEvidence? evidence) =>
        RouterEvidence.Compare([new SkillResult("clock", before)], [new SkillResult("clock", after)], _budget, evidence, _ => null);

    private static RouterEvidence Evidence(IReadOnlyList<SampleLoss> before, IReadOnlyList<SampleLoss> after) =>
        new("sha256:active", new Dictionary<string, string>(), new Dictionary<string, PairedLosses> { ["clock"] = new(before, after) });

    private static IReadOnlyList<SampleLoss> Losses(int count, int worse) => [.. Enumerable.Range(0, count).Select(index => Loss(index < worse ? 16 : 12))];

    private static SampleLoss Loss(double nats) => new(nats, 10, nats, 10);
}
