namespace KubeOps.Abstractions.Entities;

/// <summary>When kubectl shows a column.</summary>
public enum PrinterColumnPriority
{
    /// <summary>Always.</summary>
    StandardView,

    /// <summary>With <c>-o wide</c> only.</summary>
    WideView,
}
