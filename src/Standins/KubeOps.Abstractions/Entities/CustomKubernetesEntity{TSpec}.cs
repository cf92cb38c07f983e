using k8s.Models;

namespace KubeOps.Abstractions.Entities;

/// <summary>A custom resource with a spec.</summary>
/// <typeparam name="TSpec">What people ask for.</typeparam>
public abstract class CustomKubernetesEntity<TSpec> : CustomKubernetesEntity, ISpec<TSpec>
    where TSpec : new()
{
    /// <summary>What people ask for.</summary>
    public TSpec Spec { get; set; } = new();
}
