namespace DyLoraMoe.Sandbox.Kubelet;

/// <summary>A container cannot start yet, with the reason that its status shows while it waits.</summary>
internal sealed class SetupException(string reason, string message) : Exception(message)
{
    public string Reason { get; } = reason;
}
