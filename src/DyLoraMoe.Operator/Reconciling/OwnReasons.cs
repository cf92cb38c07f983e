namespace DyLoraMoe.Operator.Reconciling;

/// <summary>Reasons of this version of the operator alone.</summary>
internal static class OwnReasons
{
    /// <summary>What the spec asks for is not there yet.</summary>
    public const string NotSupported = "NotSupported";
}
