using static TorchSharp.torch;

namespace DyLoraMoe.Benchmarks;

/// <summary>
/// OpenBLAS with OpenMP threads, which share one pool with libtorch's own. Both sides get it, whatever the system's
/// alternatives select; null where it is not installed.
/// </summary>
internal static class Blas
{
    public const string KernelsVariable = "OPENBLAS_CORETYPE";

    public static string? OpenMpFolder { get; } = Directory.Exists("/usr/lib")
        ? Directory.GetDirectories("/usr/lib", "*-linux-gnu").Select(folder => Path.Combine(folder, "openblas-openmp")).FirstOrDefault(Directory.Exists)
        : null;

    /// <summary>The kernels that OpenBLAS is asked for when libtorch is loaded here, for the other side to have the same; null where it chooses itself.</summary>
    public static string? Kernels()
    {
        _ = get_num_threads();
        return Environment.GetEnvironmentVariable(KernelsVariable);
    }
}
