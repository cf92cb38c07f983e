namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>Makes the property a column of <c>kubectl get</c>.</summary>
/// <param name="priority">When the column is shown.</param>
/// <param name="name">The heading; null for the property's own name.</param>
[AttributeUsage(AttributeTargets.Property)]
public class AdditionalPrinterColumnAttribute(PrinterColumnPriority priority = default, string? name = null) : Attribute
{
    /// <summary>The heading; null for the property's own name.</summary>
    public string? Name { get; } = name;

    /// <summary>When the column is shown.</summary>
    public PrinterColumnPriority Priority { get; } = priority;
}
