namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>How many entries an object or a map may hold.</summary>
/// <param name="minProperties">The least; -1 for no bound.</param>
/// <param name="maxProperties">The most; -1 for no bound.</param>
[AttributeUsage(AttributeTargets.Property)]
public class PropertyLimitsAttribute(long minProperties = -1, long maxProperties = -1) : Attribute
{
    /// <summary>The least; null for no bound.</summary>
    public long? MinProperties { get; } = minProperties == -1 ? null : minProperties;

    /// <summary>The most; null for no bound.</summary>
    public long? MaxProperties { get; } = maxProperties == -1 ? null : maxProperties;
}
