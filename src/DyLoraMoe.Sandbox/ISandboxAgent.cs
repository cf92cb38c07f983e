using k8s;

namespace DyLoraMoe.Sandbox;

/// <summary>A part of the cluster that is a client of its API, such as the controllers and the kubelet. Started once the server answers.</summary>
internal interface ISandboxAgent
{
    /// <summary>The name for logs.</summary>
    string Name { get; }

    /// <summary>Works until <paramref name="stopping"/>. An error ends the sandbox.</summary>
    Task RunAsync(IKubernetes client, CancellationToken stopping);
}
