namespace DyLoraMoe.Api;

/// <summary>Annotations of objects that the operator makes or reads.</summary>
public static class Annotations
{
    /// <summary>Hash of the inputs that an object was made from, whole.</summary>
    public const string InputHash = ApiNames.Group + "/input-hash";

    /// <summary>Whole revision of the set that a pod template or ConfigMap stands for.</summary>
    public const string Revision = ApiNames.Group + "/revision";

    /// <summary>On a set that was given up while it was rolled out: why.</summary>
    public const string GivenUp = ApiNames.Group + "/given-up";

    /// <summary>A person changes its value to have a resource that ended in failure tried again without a change of its spec.</summary>
    public const string RetryAt = ApiNames.Group + "/retry-at";
}
