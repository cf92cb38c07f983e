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
}
