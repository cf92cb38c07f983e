using DyLoraMoe.ClusterHarness;

namespace DyLoraMoe.Install.Tests.Images;

/// <summary>The operator's own probe, which images and <c>helm test</c> stand on. That it succeeds is part of the test of the chart in a cluster.</summary>
public sealed class ProbeTests
{
    [Fact]
    public void Nobody_who_answers_is_a_failure()
    {
        var address = $"http://127.0.0.1:{FreePort.Next()}/readyz";
        var (code, _, errors) = ChildProcess.Run(Programs.Operator, ["probe", address]);

        Assert.Equal(1, code);
        Assert.Contains($"Expected success from {address}", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not an address")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://127.0.0.1/", "soon")]
    [InlineData("http://127.0.0.1/", "1", "2")]
    public void A_wrong_question_is_told_apart(params string[] arguments)
    {
        var (code, _, errors) = ChildProcess.Run(Programs.Operator, ["probe", .. arguments]);

        Assert.Equal(2, code);
        Assert.StartsWith("usage:", errors, StringComparison.Ordinal);
    }
}
