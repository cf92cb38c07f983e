using DyLoraMoe.Kubectl.Cluster;
using DyLoraMoe.Testing;
using k8s;
using k8s.Autorest;

namespace DyLoraMoe.Kubectl.Tests.Cluster;

/// <summary>What the API server is told of whom the caller acts as, letter by letter: .NET's own servers would put lines together again.</summary>
public sealed class ImpersonationTests
{
    private static readonly string[] _expected =
    [
        "Impersonate-User: ana",
        "Impersonate-Uid: 7",
        "Impersonate-Group: developers",
        "Impersonate-Group: on call, at night",
        "Impersonate-Extra-scopes: read",
        "Impersonate-Extra-scopes: write",
        "Impersonate-Extra-example.com%2Fteam: größe",
    ];

    [Fact]
    public async Task Every_request_and_every_forwarded_port_says_as_whom_it_is()
    {
        await using var server = new HeadRecorder();
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["config"], $$"""
            current-context: here
            contexts: [{name: here, context: {cluster: there, user: me} }]
            clusters: [{name: there, cluster: {server: "{{server.Address}}"} }]
            users:
            - name: me
              user:
                token: mine
                as: ana
                as-uid: "7"
                as-groups: [developers, "on call, at night"]
                as-user-extra: {scopes: [read, write], example.com/team: [größe]}
            """, TestContext.Current.CancellationToken);
        using var cluster = ClusterClient.Of(ClusterConfiguration.Load(folder["config"], null), "default");

        await Assert.ThrowsAsync<HttpOperationException>(() => cluster.RouterPodsAsync("tiny", TestContext.Current.CancellationToken));
        await Assert.ThrowsAnyAsync<Exception>(() => cluster.Api.WebSocketNamespacedPodPortForwardAsync("pod", "default", [8080], WebSocketProtocol.V4BinaryWebsocketProtocol, cancellationToken: TestContext.Current.CancellationToken));

        Assert.True(server.Heads.Count >= 2);
        Assert.Contains(server.Heads, head => head.Contains("Upgrade: websocket", StringComparer.OrdinalIgnoreCase));
        Assert.All(server.Heads, head =>
        {
            Assert.Contains("Authorization: Bearer mine", head);
            Assert.Equal(_expected, head.Where(line => line.StartsWith("Impersonate-", StringComparison.Ordinal)));
        });
    }
}
