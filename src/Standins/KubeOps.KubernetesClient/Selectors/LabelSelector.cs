namespace KubeOps.KubernetesClient.Selectors;

/// <summary>A condition on labels.</summary>
public abstract record LabelSelector : KubernetesSelector;
