using DyLoraMoe.ClusterHarness;

namespace DyLoraMoe.EndToEnd.Tests;

/// <summary>What the operator's account may not do, tried with its own token.</summary>
public sealed class RightsTests
{
    private static readonly string[] _forbidden =
    [
        "get secrets --all-namespaces",
        "get secrets",
        "get nodes",
        "annotate node sandbox tried=yes",
        "label namespace default tried=yes",
        "delete namespace default",
        "create clusterrolebinding tried --clusterrole=cluster-admin --serviceaccount=default:default",
        "create role tried --verb=get --resource=secrets",
        "create token default",
        "run tried --image=tried",
        "delete pod tried",
        "delete deployment tried",
    ];

    [Fact]
    public async Task The_operator_is_refused_what_is_none_of_its_business()
    {
        await using var cluster = await TestCluster.StartAsync();
        await using var place = await TestNamespace.CreateAsync(cluster);
        var kubectl = place.OperatorKubectl;

        // It may make accounts and roles; but no more than it holds itself.
        await kubectl.RunAsync("auth", "can-i", "create", "roles", "--namespace", place.Name);
        foreach (var command in _forbidden)
        {
            var refusal = await Assert.ThrowsAsync<KubectlException>(() => kubectl.RunAsync([.. command.Split(' '), "--namespace", place.Name]));
            Assert.Contains("orbidden", refusal.Message, StringComparison.Ordinal);
        }
    }
}
