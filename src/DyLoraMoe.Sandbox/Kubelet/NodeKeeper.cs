using System.Globalization;
using System.Runtime.InteropServices;
using DyLoraMoe.Sandbox.Controllers.Machinery;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Kubelet;

/// <summary>Keeps the Node object and its heartbeat.</summary>
internal sealed class NodeKeeper(ClusterContext cluster) : IClusterComponent
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(40);

    public string Name => "Node";

    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                var wait = Heartbeat;
                try
                {
                    await WriteAsync(cancellation);
                }
                catch (Exception e) when (e is ApiException or HttpRequestException or IOException)
                {
                    wait = TimeSpan.FromSeconds(1);
                }

                await Task.Delay(wait, cluster.Time, cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
    }

    private async Task WriteAsync(CancellationToken cancellation)
    {
        var name = cluster.Options.NodeName;
        var node = await cluster.Api.FindAsync<V1Node>(null, name, cancellation) ?? await cluster.Api.CreateAsync(
            new V1Node
            {
                Metadata = new V1ObjectMeta
                {
                    Name = name,
                    Labels = new Dictionary<string, string>
                    {
                        ["kubernetes.io/hostname"] = name,
                        ["kubernetes.io/os"] = "linux",
                        ["kubernetes.io/arch"] = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64",
                    },
                },
                Spec = new V1NodeSpec(),
            },
            cancellation);
        node.Status = Status(node.Status);
        await cluster.UpdateAsync(node, "status", cancellation);
    }

    private V1NodeStatus Status(V1NodeStatus? known)
    {
        var options = cluster.Options;
        var resources = new Dictionary<string, ResourceQuantity>
        {
            ["cpu"] = Quantity(options.Cpus ?? Math.Max(4, Environment.ProcessorCount)),
            ["memory"] = Quantity(options.Memory ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes),
            ["pods"] = Quantity(options.MaxPods),
            ["ephemeral-storage"] = Quantity(new DriveInfo(Path.GetFullPath(options.DataDirectory)).AvailableFreeSpace),
        };
        if (options.Gpus > 0)
        {
            resources["nvidia.com/gpu"] = Quantity(options.Gpus);
        }

        var before = known?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready");
        return new V1NodeStatus
        {
            Capacity = resources,
            Allocatable = resources,
            Addresses = [new V1NodeAddress { Type = "InternalIP", Address = "127.0.0.1" }, new V1NodeAddress { Type = "Hostname", Address = options.NodeName }],
            Conditions =
            [
                new V1NodeCondition
                {
                    Type = "Ready",
                    Status = "True",
                    Reason = "KubeletReady",
                    Message = "the sandbox runs pods as processes",
                    LastHeartbeatTime = cluster.Now,
                    LastTransitionTime = before?.Status == "True" ? before.LastTransitionTime : cluster.Now,
                },
            ],
            NodeInfo = new V1NodeSystemInfo
            {
                Architecture = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64",
                BootID = "",
                ContainerRuntimeVersion = "process://1",
                KernelVersion = Environment.OSVersion.Version.ToString(),
                KubeletVersion = "v1.34.0-sandbox",
                KubeProxyVersion = "",
                MachineID = "",
                OperatingSystem = "linux",
                OsImage = RuntimeInformation.OSDescription,
                SystemUUID = "",
            },
        };
    }

    private static ResourceQuantity Quantity(decimal amount) => new(amount.ToString(CultureInfo.InvariantCulture));
}
