namespace KubeOps.Abstractions.Crds;

/// <summary>Gathers <see cref="CrdInstallerSettings"/>.</summary>
public sealed class CrdInstallerSettingsBuilder
{
    /// <summary>Whether a definition that is there already is replaced.</summary>
    public bool OverwriteExisting { get; set; }

    /// <summary>Whether the definitions, and with them all objects, are removed when the operator stops.</summary>
    public bool DeleteOnShutdown { get; set; }

    /// <summary>Fixes what was gathered.</summary>
    /// <returns>The settings.</returns>
    public CrdInstallerSettings Build() =>
        new() { OverwriteExisting = OverwriteExisting, DeleteOnShutdown = DeleteOnShutdown };
}
