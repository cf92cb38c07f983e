namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>The version that is stored; without the attribute, the newest one is.</summary>
[AttributeUsage(AttributeTargets.Class)]
public class StorageVersionAttribute : Attribute;
