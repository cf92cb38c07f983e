using System.Runtime.InteropServices;

namespace TorchSharp;

// native/cuda.cpp
internal static unsafe partial class Native
{
    [LibraryImport(Library)]
    internal static partial int st_cuda_is_available();

    [LibraryImport(Library)]
    internal static partial int st_cudnn_is_available();

    [LibraryImport(Library)]
    internal static partial long st_cuda_device_count();

    [LibraryImport(Library)]
    internal static partial int st_cuda_synchronize(long deviceIndex);

    [LibraryImport(Library)]
    internal static partial int st_allow_tf32_matmul();

    [LibraryImport(Library)]
    internal static partial int st_set_allow_tf32_matmul(int allow);

    [LibraryImport(Library)]
    internal static partial int st_allow_tf32_cudnn();

    [LibraryImport(Library)]
    internal static partial int st_set_allow_tf32_cudnn(int allow);

    [LibraryImport(Library)]
    internal static partial int st_allow_fp16_reduction();

    [LibraryImport(Library)]
    internal static partial int st_set_allow_fp16_reduction(int allow);
}
