namespace KubeOps.Abstractions.Rbac;

/// <summary>The verbs of a rule.</summary>
[Flags]
public enum RbacVerb
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Everything, as the asterisk.</summary>
    All = 1,

    /// <summary>Read one object.</summary>
    Get = 2,

    /// <summary>Read many.</summary>
    List = 4,

    /// <summary>Follow changes.</summary>
    Watch = 8,

    /// <summary>Make objects.</summary>
    Create = 16,

    /// <summary>Replace objects.</summary>
    Update = 32,

    /// <summary>Change objects in part.</summary>
    Patch = 64,

    /// <summary>Remove objects.</summary>
    Delete = 128,

    /// <summary>Everything, verb by verb.</summary>
    AllExplicit = 256,
}
