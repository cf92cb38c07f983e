using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using static TorchSharp.torch;

namespace TorchSharp.Tests.LinearAlgebra;

public sealed class BlasKernelsTests
{
    [Fact]
    public void OpenBLAS_runs_what_the_processor_can_though_it_may_be_older()
    {
        using var product = ones(2, 2).mm(ones(2, 2));
        var kernels = KernelsOfOpenBlas();

        Assert.False(Avx2.IsSupported && kernels is ("Prescott" or "Core2" or "Nehalem" or "Sandybridge"), $"OpenBLAS took {kernels}");
    }

    // Null where libtorch brings another library.
    private static string? KernelsOfOpenBlas()
    {
        var path = File.ReadLines("/proc/self/maps").Select(line => line[(line.IndexOf('/', StringComparison.Ordinal) + 1)..]).FirstOrDefault(path => path.Contains("/libopenblas", StringComparison.Ordinal));
        return path is null ? null
            : Marshal.PtrToStringUTF8(Marshal.GetDelegateForFunctionPointer<CoreName>(NativeLibrary.GetExport(NativeLibrary.Load("/" + path), "openblas_get_corename"))());
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate nint CoreName();
}
