namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>A value to show as an example.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ExampleAttribute : Attribute
{
    /// <summary>A boolean.</summary>
    /// <param name="value">The example.</param>
    public ExampleAttribute(bool value) => Value = value;

    /// <summary>An integer.</summary>
    /// <param name="value">The example.</param>
    public ExampleAttribute(long value) => Value = value;

    /// <summary>A number.</summary>
    /// <param name="value">The example.</param>
    public ExampleAttribute(double value) => Value = value;

    /// <summary>A string or, with <see cref="Json"/>, any value written as JSON.</summary>
    /// <param name="value">The example.</param>
    public ExampleAttribute(string value) => Value = value;

    /// <summary>Whether the string is to be read as JSON.</summary>
    public bool Json { get; init; }

    /// <summary>The example.</summary>
    public object Value { get; }
}
