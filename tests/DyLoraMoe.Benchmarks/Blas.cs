namespace DyLoraMoe.Benchmarks;

/// <summary>
/// OpenBLAS with OpenMP threads, which share one pool with libtorch's own. Both sides get it, whatever the system's
/// alternatives select; null where it is not installed.
/// </summary>
internal static class Blas
{
    public static string? OpenMpFolder { get; } = Directory.Exists("/usr/lib")
        ? Directory.GetDirectories("/usr/lib", "*-linux-gnu").Select(folder => Path.Combine(folder, "openblas-openmp")).FirstOrDefault(Directory.Exists)
        : null;
}
