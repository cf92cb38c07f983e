namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>Leaves a kind or a property out of the generated definitions.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Property)]
public class IgnoreAttribute : Attribute;
