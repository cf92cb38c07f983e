namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>The values that a property may take.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class EnumValuesAttribute : Attribute
{
    /// <summary>Strings.</summary>
    /// <param name="values">The values.</param>
    public EnumValuesAttribute(params string[] values) => Values = values;

    /// <summary>Integers.</summary>
    /// <param name="values">The values.</param>
    public EnumValuesAttribute(params long[] values) => Values = Array.ConvertAll(values, value => (object)value);

    /// <summary>Numbers.</summary>
    /// <param name="values">The values.</param>
    public EnumValuesAttribute(params double[] values) => Values = Array.ConvertAll(values, value => (object)value);

    /// <summary>The values.</summary>
    public IReadOnlyList<object> Values { get; }
}
