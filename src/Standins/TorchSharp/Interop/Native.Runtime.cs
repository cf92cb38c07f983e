using System.Runtime.InteropServices;

namespace TorchSharp;

// native/runtime.cpp
internal static unsafe partial class Native
{
    [LibraryImport(Library)]
    internal static partial long st_take_error(byte* buffer, long capacity, out long managedFailure);

    [LibraryImport(Library)]
    internal static partial long st_libtorch_version(byte* buffer, long capacity);

    [LibraryImport(Library)]
    internal static partial long st_get_num_threads();

    [LibraryImport(Library)]
    internal static partial long st_get_num_interop_threads();

    [LibraryImport(Library)]
    internal static partial int st_set_num_threads(long threads);

    [LibraryImport(Library)]
    internal static partial int st_set_num_interop_threads(long threads);

    [LibraryImport(Library)]
    internal static partial int st_set_default_dtype(int dtype);

    [LibraryImport(Library)]
    internal static partial int st_promote_types(int first, int second, out int result);
}
