namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>A short title in the schema.</summary>
/// <param name="title">The text.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class)]
public class TitleAttribute(string title) : Attribute
{
    /// <summary>The text.</summary>
    public string Title { get; } = title;
}
