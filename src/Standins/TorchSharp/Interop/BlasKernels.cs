using System;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace TorchSharp;

/// <summary>
/// Says to OpenBLAS which kernels a processor can run that is younger than its list of models. For such a one it takes what its makers' models of before could run, whatever the processor can:
/// Debian's 0.3.21 multiplies matrices at a fifth of the speed on Intel's fifth generation of Xeon, and at half of it on AMD's fifth generation of Zen. Younger versions go by the instructions as well.
/// </summary>
internal static partial class BlasKernels
{
    // What OpenBLAS reads, once, when it is loaded. Whoever sets it decides.
    private const string Variable = "OPENBLAS_CORETYPE";

    /// <summary>To be called before libtorch is loaded.</summary>
    internal static void Choose()
    {
        if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable(Variable) is null && Best() is { } kernels)
        {
            // The runtime keeps a copy of the environment for itself and for processes that it starts; OpenBLAS reads the real one.
            Environment.SetEnvironmentVariable(Variable, kernels);
            _ = setenv(Variable, kernels, overwrite: 0);
        }
    }

    private static string? Best() =>
        !X86Base.IsSupported || IsListed() || !Avx2.IsSupported || !Fma.IsSupported ? null
        : Avx512F.IsSupported && Avx512BW.IsSupported && Avx512CD.IsSupported && Avx512DQ.IsSupported && Avx512F.VL.IsSupported ? "SkylakeX"
        : "Haswell";

    // By what 0.3.21 looks at: the extended model of Intel's family 6, the extended family of AMD's 15. Of other makers nothing is known here.
    private static bool IsListed()
    {
        var version = X86Base.CpuId(1, 0).Eax;
        var (family, extendedModel, extendedFamily) = ((version >> 8) & 0xF, (version >> 16) & 0xF, (version >> 20) & 0xFF);
        return X86Base.CpuId(0, 0).Ebx switch
        {
            0x756E6547 => family == 6 && extendedFamily == 0 && extendedModel <= 10,                         // "Genu", of GenuineIntel
            0x68747541 => family == 15 && extendedFamily <= 10,                                              // "Auth", of AuthenticAMD
            _ => true,
        };
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);
}
