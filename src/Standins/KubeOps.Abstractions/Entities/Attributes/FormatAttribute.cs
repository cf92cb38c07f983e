namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>The OpenAPI format in place of the one that the type implies.</summary>
/// <param name="format">The format; null for none.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FormatAttribute(string? format) : Attribute
{
    /// <summary>The format; null for none.</summary>
    public string? Format { get; } = format;
}
