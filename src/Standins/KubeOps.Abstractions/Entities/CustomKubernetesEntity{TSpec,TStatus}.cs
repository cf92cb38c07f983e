using k8s.Models;

namespace KubeOps.Abstractions.Entities;

/// <summary>A custom resource with a spec and a status.</summary>
/// <typeparam name="TSpec">What people ask for.</typeparam>
/// <typeparam name="TStatus">What the operator found.</typeparam>
public abstract class CustomKubernetesEntity<TSpec, TStatus> : CustomKubernetesEntity<TSpec>, IStatus<TStatus>
    where TSpec : new()
    where TStatus : new()
{
    /// <summary>What the operator found.</summary>
    public TStatus Status { get; set; } = new();
}
