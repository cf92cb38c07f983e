using System.Net;
using DyLoraMoe.Sandbox.Controllers.Deployments;
using DyLoraMoe.Sandbox.Controllers.Machinery;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Tests.Controllers.Deployments;

public sealed class ReplicaFailureTests
{
    private static readonly DateTime Now = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    [Fact]
    public void A_set_says_why_its_pods_do_not_come_until_they_do()
    {
        V1ReplicaSet set = new() { Spec = new() { Replicas = 1 }, Status = new() };

        var condition = Assert.Single(ReplicaFailures.Conditions(set, Refusal("no"), Now)!);
        Assert.Equal(("ReplicaFailure", "True", "FailedCreate", "no"), (condition.Type, condition.Status, condition.Reason, condition.Message));

        set.Status.Conditions = [condition];
        Assert.Same(condition, Assert.Single(ReplicaFailures.Conditions(set, Refusal("again"), Now.AddMinutes(1))!));
        Assert.Null(ReplicaFailures.Conditions(set, null, Now));
    }

    [Fact]
    public void A_deployment_passes_on_what_its_set_fails_at()
    {
        V1Deployment deployment = new() { Metadata = new() { Name = "d" }, Spec = new() { Replicas = 1 } };
        V1ReplicaSet set = new() { Metadata = new() { Name = "d-1" }, Spec = new() { Replicas = 1 }, Status = new() };
        set.Status.Conditions = ReplicaFailures.Conditions(set, Refusal("no"), Now);

        deployment.Status = DeploymentConditions.Compute(deployment, set, [set], Now);
        Assert.Equal(("FailedCreate", "no"), (DeploymentConditions.Find(deployment.Status, "ReplicaFailure")!.Reason, DeploymentConditions.Find(deployment.Status, "ReplicaFailure")!.Message));

        set.Status.Conditions = null;
        Assert.Null(DeploymentConditions.Find(DeploymentConditions.Compute(deployment, set, [set], Now), "ReplicaFailure"));
    }

    private static ApiException Refusal(string message) => new(HttpStatusCode.Forbidden, "Forbidden", message);
}
