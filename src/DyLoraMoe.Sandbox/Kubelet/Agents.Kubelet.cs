using DyLoraMoe.Sandbox.Controllers;
using DyLoraMoe.Sandbox.Kubelet;

namespace DyLoraMoe.Sandbox;

internal static partial class Agents
{
    static partial void AddKubelet(IServiceCollection services, SandboxOptions options) =>
        services.AddSingleton<IPodLogs>(provider =>
            new PodLogs(ClusterAgent.PodsFolder(options.DataFolder), provider.GetService<TimeProvider>() ?? TimeProvider.System));
}
