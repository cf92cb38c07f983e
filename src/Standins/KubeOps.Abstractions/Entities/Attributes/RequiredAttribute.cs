namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>The property must be given; on the class of a spec, the spec must be given.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class)]
public class RequiredAttribute : Attribute;
