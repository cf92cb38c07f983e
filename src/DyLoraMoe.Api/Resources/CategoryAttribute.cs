namespace DyLoraMoe.Api.Resources;

/// <summary>A group of kinds that kubectl can list together, such as <c>kubectl get dylora</c>.</summary>
/// <param name="name">Name of the group.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class CategoryAttribute(string name) : Attribute
{
    /// <summary>Name of the group.</summary>
    public string Name => name;
}
