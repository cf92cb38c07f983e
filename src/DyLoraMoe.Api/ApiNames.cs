namespace DyLoraMoe.Api;

/// <summary>The resources' group and version.</summary>
public static class ApiNames
{
    /// <summary>The group of all kinds, and the prefix of labels, annotations and finalizers.</summary>
    public const string Group = "dylora.dev";

    /// <summary>The only version.</summary>
    public const string Version = "v1alpha1";

    /// <summary>Group and version, as in a manifest's <c>apiVersion</c>.</summary>
    public const string GroupVersion = Group + "/" + Version;
}
