namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>What the API server fills in where nothing is given.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class, Inherited = true)]
public sealed class DefaultValueAttribute : Attribute
{
    /// <summary>A boolean.</summary>
    /// <param name="value">The default.</param>
    public DefaultValueAttribute(bool value) => Value = value;

    /// <summary>An integer.</summary>
    /// <param name="value">The default.</param>
    public DefaultValueAttribute(long value) => Value = value;

    /// <summary>A number.</summary>
    /// <param name="value">The default.</param>
    public DefaultValueAttribute(double value) => Value = value;

    /// <summary>A string or, with <see cref="Json"/>, any value written as JSON.</summary>
    /// <param name="value">The default.</param>
    public DefaultValueAttribute(string value) => Value = value;

    /// <summary>Whether the string is to be read as JSON.</summary>
    public bool Json { get; init; }

    /// <summary>The default.</summary>
    public object Value { get; }
}
