namespace KubeOps.Abstractions.Entities;

/// <summary>Whether objects of a kind live in namespaces.</summary>
public enum EntityScope
{
    /// <summary>They do.</summary>
    Namespaced,

    /// <summary>They belong to the cluster.</summary>
    Cluster,
}
