namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>Fields that the schema does not name are kept instead of being pruned.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class)]
public class PreserveUnknownFieldsAttribute : Attribute;
