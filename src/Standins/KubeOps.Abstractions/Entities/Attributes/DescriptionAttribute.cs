namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>What <c>kubectl explain</c> says.</summary>
/// <param name="description">The text.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class)]
public class DescriptionAttribute(string description) : Attribute
{
    /// <summary>The text.</summary>
    public string Description { get; } = description;
}
