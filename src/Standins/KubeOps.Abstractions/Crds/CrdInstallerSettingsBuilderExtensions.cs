namespace KubeOps.Abstractions.Crds;

/// <summary><see cref="CrdInstallerSettingsBuilder"/> in one expression.</summary>
public static class CrdInstallerSettingsBuilderExtensions
{
    /// <summary>Whether a definition that is there already is replaced.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="value">The choice.</param>
    /// <returns>The builder.</returns>
    public static CrdInstallerSettingsBuilder WithOverwriteExisting(
        this CrdInstallerSettingsBuilder builder,
        bool value = true)
    {
        builder.OverwriteExisting = value;
        return builder;
    }

    /// <summary>Whether the definitions are removed when the operator stops.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="value">The choice.</param>
    /// <returns>The builder.</returns>
    public static CrdInstallerSettingsBuilder WithDeleteOnShutdown(
        this CrdInstallerSettingsBuilder builder,
        bool value = true)
    {
        builder.DeleteOnShutdown = value;
        return builder;
    }
}
