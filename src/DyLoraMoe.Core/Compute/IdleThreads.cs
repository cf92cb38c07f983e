using System.Runtime.InteropServices;

namespace DyLoraMoe.Core.Compute;

/// <summary>
/// Lets OpenMP's threads sleep while they wait for each other. By default they spin, and where others want the same cores they burn the very time that
/// the thread they wait for needs. Whoever sets <c>OMP_WAIT_POLICY</c> decides otherwise.
/// </summary>
public static partial class IdleThreads
{
    /// <summary>Tells OpenMP, which reads its environment once: when libtorch is loaded.</summary>
    public static void Sleep()
    {
        // What .NET calls the environment is a copy, which native libraries do not see.
        if (!OperatingSystem.IsWindows())
        {
            _ = SetEnvironment("OMP_WAIT_POLICY", "PASSIVE", overwrite: 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
