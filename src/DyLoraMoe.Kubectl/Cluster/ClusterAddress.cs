using System.Net;
using k8s;

namespace DyLoraMoe.Kubectl.Cluster;

/// <summary>How a cluster is reached.</summary>
/// <param name="Configuration">Its address, and who asks.</param>
/// <param name="Proxy">What every connection goes through; null for what the environment says.</param>
/// <param name="Impersonation">As whom it is asked; null for as oneself.</param>
internal sealed record ClusterAddress(KubernetesClientConfiguration Configuration, IWebProxy? Proxy, Impersonation? Impersonation);
