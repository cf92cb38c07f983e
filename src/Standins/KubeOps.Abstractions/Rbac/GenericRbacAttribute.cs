namespace KubeOps.Abstractions.Rbac;

/// <summary>What the operator must be allowed to do, as a rule of a role.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public class GenericRbacAttribute : RbacAttribute
{
    /// <summary>The API groups.</summary>
    public string[] Groups { get; init; } = [];

    /// <summary>The resources, in the plural.</summary>
    public string[] Resources { get; init; } = [];

    /// <summary>Paths outside of resources.</summary>
    public string[] Urls { get; init; } = [];

    /// <summary>The verbs, combined.</summary>
    public RbacVerb Verbs { get; init; }
}
