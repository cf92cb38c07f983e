namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>The upper bound of a number.</summary>
/// <param name="maximum">The bound.</param>
/// <param name="exclusiveMaximum">Whether the bound itself is too much.</param>
[AttributeUsage(AttributeTargets.Property)]
public class RangeMaximumAttribute(double maximum, bool exclusiveMaximum = false) : Attribute
{
    /// <summary>The bound.</summary>
    public double Maximum { get; } = maximum;

    /// <summary>Whether the bound itself is too much.</summary>
    public bool ExclusiveMaximum { get; } = exclusiveMaximum;
}
