using k8s;
using KubeOps.Abstractions.Builder;
using KubeOps.KubernetesClient;
using Microsoft.Extensions.Logging;

namespace KubeOps.Operator.LeaderElection;

/// <summary>
/// The lease that instances of an operator contend for, and the name under which this one does. The name is new for each
/// start: instances on one machine must differ, and one that was started again must not take itself for its predecessor.
/// </summary>
internal sealed class OperatorLease(
    IKubernetes kubernetes,
    IKubernetesClient client,
    OperatorSettings settings,
    ILogger<OperatorLease> logger)
{
    private static readonly TimeSpan ReleaseDeadline = TimeSpan.FromSeconds(5);

    public string Name { get; } = $"{settings.Name}-leader";

    public string Namespace { get; } = client.GetCurrentNamespace();

    public string Identity { get; } = $"{Environment.MachineName}_{Guid.NewGuid():N}";

    /// <summary>Gives the lease back if it is ours, so that another instance need not wait until it runs out.</summary>
    public async Task ReleaseAsync()
    {
        using var deadline = new CancellationTokenSource(ReleaseDeadline);
        try
        {
            var lease = await kubernetes.CoordinationV1.ReadNamespacedLeaseAsync(
                Name, Namespace, cancellationToken: deadline.Token);
            if (lease.Spec?.HolderIdentity == Identity)
            {
                // Times stay: electors take a lease without them for one that is to be created.
                lease.Spec.HolderIdentity = string.Empty;
                lease.Spec.LeaseDurationSeconds = 1;
                await kubernetes.CoordinationV1.ReplaceNamespacedLeaseAsync(
                    lease, Name, Namespace, cancellationToken: deadline.Token);
            }
        }
        catch (Exception e)
        {
            Log.NotReleased(logger, e);
        }
    }
}
