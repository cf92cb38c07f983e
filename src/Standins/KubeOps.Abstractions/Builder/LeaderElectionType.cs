namespace KubeOps.Abstractions.Builder;

/// <summary>How several processes of the operator agree on who works.</summary>
public enum LeaderElectionType
{
    /// <summary>They do not; each works.</summary>
    None = 0,

    /// <summary>One works at a time.</summary>
    Single = 1,

    /// <summary>By watchers and consumers of one's own.</summary>
    Custom = 2,

    /// <summary>Each for a part, see <see cref="LeaderElection.ILeadershipScope"/>.</summary>
    Scoped = 3,
}
