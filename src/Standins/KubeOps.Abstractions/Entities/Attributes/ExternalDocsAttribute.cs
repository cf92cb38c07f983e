namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>Where more can be read about a property.</summary>
/// <param name="url">The address.</param>
/// <param name="description">What is there.</param>
[AttributeUsage(AttributeTargets.Property)]
public class ExternalDocsAttribute(string url, string? description = null) : Attribute
{
    /// <summary>What is there.</summary>
    public string? Description { get; } = description;

    /// <summary>The address.</summary>
    public string Url { get; } = url;
}
