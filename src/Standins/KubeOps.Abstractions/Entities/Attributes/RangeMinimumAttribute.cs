namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>The lower bound of a number.</summary>
/// <param name="minimum">The bound.</param>
/// <param name="exclusiveMinimum">Whether the bound itself is too little.</param>
[AttributeUsage(AttributeTargets.Property)]
public class RangeMinimumAttribute(double minimum, bool exclusiveMinimum = false) : Attribute
{
    /// <summary>The bound.</summary>
    public double Minimum { get; } = minimum;

    /// <summary>Whether the bound itself is too little.</summary>
    public bool ExclusiveMinimum { get; } = exclusiveMinimum;
}
