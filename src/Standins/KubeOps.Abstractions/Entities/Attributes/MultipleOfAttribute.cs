namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>A number must be a multiple of a given one.</summary>
/// <param name="value">The divisor.</param>
[AttributeUsage(AttributeTargets.Property)]
public class MultipleOfAttribute(double value) : Attribute
{
    /// <summary>The divisor.</summary>
    public double Value { get; } = value;
}
