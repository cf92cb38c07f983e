namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>No item of the list may occur twice.</summary>
[AttributeUsage(AttributeTargets.Property)]
public class UniqueItemsAttribute : Attribute;
