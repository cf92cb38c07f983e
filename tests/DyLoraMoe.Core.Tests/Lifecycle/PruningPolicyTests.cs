using DyLoraMoe.Core.Lifecycle;

namespace DyLoraMoe.Core.Tests.Lifecycle;

public class PruningPolicyTests
{
    private static readonly PruningPolicy Policy = new();
    private static readonly PruningEvidence Dead = new() { Use = 0.001, Requests = 5000, AblationLoss = 0.002 };

    [Fact]
    public void An_expert_that_is_neither_used_nor_missed_is_archived()
    {
        var decision = Policy.Decide(Dead);

        Assert.True(decision.Archives);
        Assert.Contains("0.10 % of 5000 requests", decision.Reason, StringComparison.Ordinal);
        Assert.Contains("0.0020 nats/token", decision.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Either_alone_or_not_knowing_keeps_it()
    {
        AssertKept(Dead with { Use = 0.02 }, "at least 0.50 %");
        AssertKept(Dead with { AblationLoss = 0.5 }, "loses 0.5000");
        AssertKept(Dead with { AblationLoss = double.NaN }, "loses");
        AssertKept(Dead with { AblationLoss = null }, "not measured");
        AssertKept(Dead with { Requests = 10 }, "10 of 2000");

        static void AssertKept(PruningEvidence evidence, string reason)
        {
            var decision = Policy.Decide(evidence);
            Assert.False(decision.Archives);
            Assert.Contains(reason, decision.Reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Use_is_the_plain_share_at_first_and_forgets_in_the_end()
    {
        var evidence = new PruningEvidence().After(10, 100).After(30, 100).After(0, 0);
        Assert.Equal((0.2, 200), (Math.Round(evidence.Use, 12), evidence.Requests));

        for (var i = 0; i < 1000; i++)
        {
            evidence = evidence.After(0, 100);
        }

        Assert.InRange(evidence.Use, 0, 1e-4);
    }
}
