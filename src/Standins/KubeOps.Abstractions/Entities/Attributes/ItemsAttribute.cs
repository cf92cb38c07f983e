namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>How many items a list may hold.</summary>
/// <param name="minItems">The least; -1 for no bound.</param>
/// <param name="maxItems">The most; -1 for no bound.</param>
[AttributeUsage(AttributeTargets.Property)]
public class ItemsAttribute(long minItems = -1, long maxItems = -1) : Attribute
{
    /// <summary>The least; null for no bound.</summary>
    public long? MinItems { get; } = minItems == -1 ? null : minItems;

    /// <summary>The most; null for no bound.</summary>
    public long? MaxItems { get; } = maxItems == -1 ? null : maxItems;
}
