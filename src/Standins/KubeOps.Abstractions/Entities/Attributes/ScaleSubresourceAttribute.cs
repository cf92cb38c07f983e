namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>Gives the kind a scale subresource, so that <c>kubectl scale</c> and autoscalers work on it.</summary>
/// <param name="specReplicasPath">The path of the wanted number of replicas.</param>
/// <param name="statusReplicasPath">The path of the number there is.</param>
/// <param name="labelSelectorPath">The path of the selector of the pods, if any.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ScaleSubresourceAttribute(
    string specReplicasPath,
    string statusReplicasPath,
    string? labelSelectorPath = null) : Attribute
{
    /// <summary>The path of the wanted number of replicas.</summary>
    public string SpecReplicasPath { get; } = specReplicasPath;

    /// <summary>The path of the number there is.</summary>
    public string StatusReplicasPath { get; } = statusReplicasPath;

    /// <summary>The path of the selector of the pods, if any.</summary>
    public string? LabelSelectorPath { get; } = labelSelectorPath;
}
