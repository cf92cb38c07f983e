using k8s;
using k8s.LeaderElection;
using k8s.LeaderElection.ResourceLock;
using KubeOps.Abstractions.Builder;

namespace KubeOps.Operator.LeaderElection;

internal sealed class KubernetesLeaderElectorFactory(IKubernetes kubernetes, OperatorLease lease, OperatorSettings settings)
    : ILeaderElectorFactory
{
    public LeaderElector CreateElector() =>
        new(new LeaderElectionConfig(new LeaseLock(kubernetes, lease.Namespace, lease.Name, lease.Identity))
        {
            LeaseDuration = settings.LeaderElectionLeaseDuration,
            RenewDeadline = settings.LeaderElectionRenewDeadline,
            RetryPeriod = settings.LeaderElectionRetryPeriod,
        });
}
