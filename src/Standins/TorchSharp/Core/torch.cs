using System.Text;

namespace TorchSharp;

/// <summary>The functions that PyTorch has in its module of that name.</summary>
public static partial class torch
{
    public enum RoundingMode
    {
        None,
        trunc,
        floor,
    }

    /// <summary>libtorch's version.</summary>
    public static unsafe string __version__
    {
        get
        {
            var buffer = stackalloc byte[64];
            var length = Native.st_libtorch_version(buffer, 64);
            return Encoding.UTF8.GetString(buffer, (int)length);
        }
    }

    /// <summary>Throws the error that native code left on this thread, if any; members here throw at once, so there is none.</summary>
    public static unsafe void CheckForErrors()
    {
        if (Native.st_take_error(null, 0, out _) > 0)
        {
            throw Native.Failure();
        }
    }

    public static int get_num_threads() => (int)Native.st_get_num_threads();

    /// <summary>How many threads one operation may use.</summary>
    public static void set_num_threads(int num) => Native.Check(Native.st_set_num_threads(num));

    public static int get_num_interop_threads() => (int)Native.st_get_num_interop_threads();

    public static void set_num_interop_threads(int num) => Native.Check(Native.st_set_num_interop_threads(num));
}
