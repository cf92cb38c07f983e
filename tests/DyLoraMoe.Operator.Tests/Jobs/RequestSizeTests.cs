using System.Diagnostics.Metrics;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Telemetry;
using DyLoraMoe.Operator.Tests.World;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;

namespace DyLoraMoe.Operator.Tests.Jobs;

/// <summary>Requests over more skills than a ConfigMap can tell of.</summary>
public sealed class RequestSizeTests
{
    private static readonly string _digest = "sha256:" + new string('a', 64);

    private static readonly DateTimeOffset _since = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    // What the page on sizes says of them.
    [Theory]
    [InlineData(1000, 1000, true)]
    [InlineData(1024, 2500, true)]
    [InlineData(10, 4500, true)]
    [InlineData(1024, 4000, false)]
    [InlineData(10, 6000, false)]
    public async Task A_request_that_does_not_fit_is_refused_with_a_reason_of_its_own(int experts, int skills, bool fits)
    {
        var server = new FakeServer(new ManualClock());
        var cluster = new FakeCluster(server, Faults.None);
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var metrics = new OperatorMetrics(services.GetRequiredService<IMeterFactory>());
        var backbone = server.Create(new Backbone { Metadata = new() { Name = "tiny", NamespaceProperty = "team" }, Spec = new() { Source = new() { Builtin = "dylora-tiny" }, Store = new() { PersistentVolumeClaim = new() { ClaimName = "artifacts" } } } });
        var slots = new JobSlots();
        var runner = new JobRunner(cluster, slots, new(), metrics, new ManualClock());

        var stage = await runner.AdvanceAsync(
            new() { Kind = JobKind.Check, Subject = backbone, Backbone = backbone, Inputs = "inputs", Request = () => Check(experts, skills) },
            TestContext.Current.CancellationToken);

        if (fits)
        {
            Assert.IsNotType<JobStage.Rejected>(stage);
            return;
        }

        var rejected = Assert.IsType<JobStage.Rejected>(stage);
        Assert.Equal(Reasons.TooLarge, rejected.Reason);
        Assert.Contains("1,048,576 are the most", rejected.Message, StringComparison.Ordinal);
        Assert.Empty(server.All<V1ConfigMap>());
        Assert.True(slots.TryTake(new("team", "tiny"), "another", false, 1, () => 0));
    }

    private static JobRequest Check(int experts, int skills)
    {
        var set = new SetRevision
        {
            Backbone = new("tiny", _digest, "bfloat16"),
            Experts = [.. Enumerable.Range(0, experts).Select(number => new SetMember($"expert-with-a-name-{number:0000}", _digest, 1, LoraModes.Activated, 8, 1))],
            Router = _digest,
        };
        return new()
        {
            Kind = JobKind.Check,
            Backbone = set.Backbone,
            Policy = new(),
            ActiveSet = set,
            Check = new(set),
            Skills = [.. Enumerable.Range(0, skills).Select(number => new SkillInput($"skill-with-a-name-{number:0000}", _digest, 20, $"expert-with-a-name-{number % experts:0000}", _since))],
        };
    }
}
