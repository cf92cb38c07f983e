using DyLoraMoe.Sandbox.Controllers.Disruptions;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Tests.Controllers.Disruptions;

public class DisruptionControllerTests
{
    private static readonly DateTime Now = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    [Theory]
    [InlineData("web-0", 0, 0)]
    [InlineData("web-0", 180, 1)]
    [InlineData("gone", 0, 1)]
    public void A_pod_that_is_about_to_be_evicted_is_not_counted_as_healthy_for_two_minutes(string evicted, int secondsAgo, int allowed)
    {
        var budget = new V1PodDisruptionBudget
        {
            Metadata = new() { Generation = 1 },
            Spec = new() { MinAvailable = 1 },
            Status = new() { DisruptedPods = new Dictionary<string, DateTime?> { [evicted] = Now.AddSeconds(-secondsAgo) } },
        };

        var status = DisruptionController.Status(budget, [Pod("web-0"), Pod("web-1")], Now);

        Assert.Equal((allowed, allowed == 0), (status.DisruptionsAllowed, status.DisruptedPods is not null));
    }

    private static V1Pod Pod(string name) => new()
    {
        Metadata = new() { Name = name },
        Status = new() { Phase = "Running", Conditions = [new() { Type = "Ready", Status = "True" }] },
    };
}
