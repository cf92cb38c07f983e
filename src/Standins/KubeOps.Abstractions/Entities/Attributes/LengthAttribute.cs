namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>How long a string may be.</summary>
/// <param name="minLength">The least; -1 for no bound.</param>
/// <param name="maxLength">The most; -1 for no bound.</param>
[AttributeUsage(AttributeTargets.Property)]
public class LengthAttribute(long minLength = -1, long maxLength = -1) : Attribute
{
    /// <summary>The least; null for no bound.</summary>
    public long? MinLength { get; } = minLength == -1 ? null : minLength;

    /// <summary>The most; null for no bound.</summary>
    public long? MaxLength { get; } = maxLength == -1 ? null : maxLength;
}
