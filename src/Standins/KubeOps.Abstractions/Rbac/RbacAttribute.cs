namespace KubeOps.Abstractions.Rbac;

/// <summary>A permission that the operator needs.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public abstract class RbacAttribute : Attribute;
