namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>A column of <c>kubectl get</c> for any path of the object.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public class GenericAdditionalPrinterColumnAttribute : Attribute
{
    /// <summary>Declares a column.</summary>
    /// <param name="jsonPath">The path, for instance <c>.metadata.creationTimestamp</c>.</param>
    /// <param name="name">The heading.</param>
    /// <param name="type">string, integer, number, boolean or date.</param>
    public GenericAdditionalPrinterColumnAttribute(string jsonPath, string name, string type) =>
        (JsonPath, Name, Type) = (jsonPath, name, type);

    /// <summary>The path of the value.</summary>
    public string JsonPath { get; }

    /// <summary>The heading.</summary>
    public string Name { get; }

    /// <summary>What the column tells.</summary>
    public string? Description { get; init; }

    /// <summary>string, integer, number, boolean or date.</summary>
    public string Type { get; }

    /// <summary>The OpenAPI format, for instance int32.</summary>
    public string? Format { get; init; }

    /// <summary>When the column is shown.</summary>
    public PrinterColumnPriority Priority { get; init; }
}
