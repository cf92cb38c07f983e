namespace KubeOps.Abstractions.Crds;

/// <summary>How the definitions of the operator's kinds are installed.</summary>
public sealed record CrdInstallerSettings
{
    /// <summary>Whether a definition that is there already is replaced.</summary>
    public required bool OverwriteExisting { get; init; }

    /// <summary>Whether the definitions, and with them all objects, are removed when the operator stops.</summary>
    public required bool DeleteOnShutdown { get; init; }
}
