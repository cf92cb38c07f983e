namespace DyLoraMoe.Api.Resources;

/// <summary>When a node pulls an image.</summary>
public static class ImagePullPolicies
{
    /// <summary>With every start.</summary>
    public const string Always = "Always";

    /// <summary>When the node does not have it.</summary>
    public const string IfNotPresent = "IfNotPresent";

    /// <summary>Never: the node must have it.</summary>
    public const string Never = "Never";
}
