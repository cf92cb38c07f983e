namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>Whether the kind lives in namespaces; without the attribute it does.</summary>
/// <param name="scope">The scope.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public class EntityScopeAttribute(EntityScope scope = default) : Attribute
{
    /// <summary>The scope.</summary>
    public EntityScope Scope { get; } = scope;
}
