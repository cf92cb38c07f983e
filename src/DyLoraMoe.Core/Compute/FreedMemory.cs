using System.Runtime.InteropServices;

namespace DyLoraMoe.Core.Compute;

/// <summary>
/// Lets the allocator of glibc keep what tensors freed. By default it gives the end of its heap back to the kernel after nearly every training step, and
/// the next step asks for the same pages again, which the kernel must clear first: a quarter of a small model's step, and resident memory that jumps.
/// </summary>
public static partial class FreedMemory
{
    // Parameters of mallopt, from malloc.h.
    private const int TrimThreshold = -1;
    private const int MapThreshold = -3;

    // Free memory at a heap's end beyond this goes back to the kernel.
    private const int KeptBytes = 256 << 20;

    // Blocks from this size on are mappings of their own, which go back when they are freed: the most that glibc allows, which is where its own
    // adjustment ends, too.
    private const int MappedFromBytes = 32 << 20;

    // Whoever sets one of these knows better.
    private static readonly string[] _variables = ["MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES"];

    /// <summary>Tells the allocator, unless the environment does; best before anything is computed.</summary>
    /// <returns>Whether the allocator heeds it: not where another C library than glibc is used.</returns>
    public static bool Keep()
    {
        if (!OperatingSystem.IsLinux() || Array.Exists(_variables, name => Environment.GetEnvironmentVariable(name) is not null))
        {
            return false;
        }

        try
        {
            return SetOption(TrimThreshold, KeptBytes) == 1 && SetOption(MapThreshold, MappedFromBytes) == 1;
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetOption(int option, int value);
}
