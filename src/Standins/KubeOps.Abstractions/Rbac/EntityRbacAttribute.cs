namespace KubeOps.Abstractions.Rbac;

/// <summary>What the operator must be allowed to do with certain kinds.</summary>
/// <param name="entities">The classes of the kinds.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public class EntityRbacAttribute(params Type[] entities) : RbacAttribute
{
    /// <summary>The classes of the kinds.</summary>
    public IEnumerable<Type> Entities { get; } = entities;

    /// <summary>The verbs, combined.</summary>
    public RbacVerb Verbs { get; init; }
}
