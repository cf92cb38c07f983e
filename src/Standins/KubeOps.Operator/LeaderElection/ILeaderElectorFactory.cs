using k8s.LeaderElection;

namespace KubeOps.Operator.LeaderElection;

/// <summary>Makes the elector of an operator. Register another to elect otherwise.</summary>
public interface ILeaderElectorFactory
{
    /// <summary>An elector.</summary>
    /// <returns>It.</returns>
    LeaderElector CreateElector();
}
