namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>How a map is merged when several writers apply parts of it.</summary>
public enum XMapType
{
    /// <summary>Entry by entry.</summary>
    Granular,

    /// <summary>As a whole.</summary>
    Atomic,
}
