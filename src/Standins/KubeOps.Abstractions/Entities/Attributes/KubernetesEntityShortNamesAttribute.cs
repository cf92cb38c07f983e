namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>Short names of the kind, as in <c>kubectl get</c>.</summary>
/// <param name="shortNames">The names.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public class KubernetesEntityShortNamesAttribute(params string[] shortNames) : Attribute
{
    /// <summary>The names.</summary>
    public string[] ShortNames { get; } = shortNames;
}
