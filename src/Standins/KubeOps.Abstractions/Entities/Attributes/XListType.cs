namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>How a list is merged when several writers apply parts of it.</summary>
public enum XListType
{
    /// <summary>As a whole.</summary>
    Atomic,

    /// <summary>As a set of values.</summary>
    Set,

    /// <summary>Item by item, told apart by key fields.</summary>
    Map,
}
