namespace KubeOps.KubernetesClient.Selectors;

/// <summary>A condition on fields.</summary>
public abstract record FieldSelector : KubernetesSelector;
