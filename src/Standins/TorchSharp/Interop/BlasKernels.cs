using System;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace TorchSharp;

/// <summary>
/// Says to OpenBLAS which kernels the processor can run. OpenBLAS goes by a list of models, and a processor that is younger than the list gets kernels of 2004 whatever it can:
/// Debian's 0.3.21 multiplies matrices at a seventh of the speed on Intel's fifth generation of Xeon. The choice is what OpenBLAS makes for the models that it knows.
/// </summary>
internal static partial class BlasKernels
{
    /// <summary>What OpenBLAS reads, once, when it is loaded. Whoever sets it decides.</summary>
    internal const string Variable = "OPENBLAS_CORETYPE";

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

    private static string? Best()
    {
        if (!Avx2.IsSupported || !Fma.IsSupported)
        {
            return null;
        }

        if (Avx512F.IsSupported && Avx512BW.IsSupported && Avx512CD.IsSupported && Avx512DQ.IsSupported && Avx512F.VL.IsSupported)
        {
            return HasBFloat16() ? "Cooperlake" : "SkylakeX";
        }

        return IsAmd() ? "Zen" : "Haswell";
    }

    // AVX512_BF16, of leaf 7.1.
    private static bool HasBFloat16() => X86Base.CpuId(7, 0).Eax >= 1 && (X86Base.CpuId(7, 1).Eax & (1 << 5)) != 0;

    // "AuthenticAMD", its first four letters.
    private static bool IsAmd() => X86Base.CpuId(0, 0).Ebx == 0x68747541;

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);
}
