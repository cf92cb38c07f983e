using System.Collections.Concurrent;

namespace DyLoraMoe.Sandbox.Tests.Running;

/// <summary>The sandbox killed without warning and started again on its data.</summary>
public sealed class DurabilityTests(RunningSandbox sandbox) : IClassFixture<RunningSandbox>
{
    [Fact]
    public async Task Nothing_acknowledged_is_lost_deployments_run_on_jobs_end_and_no_process_remains()
    {
        await sandbox.ApplyAsync(Manifests.Deployment("web", 2));
        await sandbox.ApplyAsync(Manifests.Job("again", $"[once, \"{sandbox["mark"]}\"]", backoffLimit: 2));
        await sandbox.ApplyAsync(Manifests.Job("lost", "[sleeper]"));
        await sandbox.KubectlAsync("rollout", "status", "deploy/web", "--timeout=40s");
        await sandbox.KubectlAsync("wait", "--for=jsonpath={.status.ready}=1", "job/again", "job/lost", "--timeout=40s");
        Assert.NotEmpty(sandbox.Processes());

        ConcurrentBag<string> acknowledged = await WriteWhileItIsKilledAsync();
        Assert.NotEmpty(acknowledged);
        for (int tries = 0; sandbox.Processes().Count > 0; tries++)
        {
            Assert.True(tries < 50, $"still running: {string.Join(' ', sandbox.Processes())}");
            await Task.Delay(100);
        }

        await sandbox.StartAsync();
        HashSet<string> found = [.. (await sandbox.KubectlAsync("get", "cm", "-o", "name")).Split('\n')];
        Assert.Empty(acknowledged.Select(name => "configmap/" + name).Except(found));
        await sandbox.KubectlAsync("wait", "--for=condition=complete", "job/again", "--timeout=50s");
        await sandbox.KubectlAsync("wait", "--for=condition=failed", "job/lost", "--timeout=50s");
        await sandbox.UntilAsync("2 2", "get", "deploy", "web", "-o", "jsonpath={.status.readyReplicas} {.status.updatedReplicas}");
        await sandbox.KubectlAsync("delete", "deploy,job", "--all", "--cascade=foreground", "--timeout=40s");
        Assert.Empty(sandbox.Processes());
    }

    /// <summary>Writes from four sides until the server is gone; the names of what it said it wrote.</summary>
    private async Task<ConcurrentBag<string>> WriteWhileItIsKilledAsync()
    {
        ConcurrentBag<string> acknowledged = [];
        using k8s.Kubernetes client = new(k8s.KubernetesClientConfiguration.BuildConfigFromConfigFile(sandbox.Kubeconfig));
        Task[] writers = [.. Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            for (int number = 0; ; number++)
            {
                string name = $"w{writer}-{number}";
                try
                {
                    await k8s.CoreV1OperationsExtensions.CreateNamespacedConfigMapAsync(client.CoreV1, new k8s.Models.V1ConfigMap { Metadata = new k8s.Models.V1ObjectMeta { Name = name } }, "default");
                }
                catch (Exception error) when (error is HttpRequestException or IOException or k8s.Autorest.HttpOperationException)
                {
                    return;
                }

                acknowledged.Add(name);
            }
        }))];
        for (int tries = 0; acknowledged.Count < 100 && tries < 300; tries++)
        {
            await Task.Delay(100);
        }

        await sandbox.KillAsync();
        await Task.WhenAll(writers);
        return acknowledged;
    }
}
