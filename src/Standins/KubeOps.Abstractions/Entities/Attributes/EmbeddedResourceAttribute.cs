namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>The property holds a whole Kubernetes object, of which unknown fields are kept.</summary>
[AttributeUsage(AttributeTargets.Property)]
public class EmbeddedResourceAttribute : Attribute;
