namespace TorchSharp;

public static partial class torch
{
    public static bool cuda_is_available() => cuda.is_available();

    public static bool mps_is_available() => false;

    /// <summary>NVIDIA GPUs, where libtorch was built for them.</summary>
    public static partial class cuda
    {
        public static bool is_available() => Native.st_cuda_is_available() != 0;

        public static bool is_cudnn_available() => Native.st_cudnn_is_available() != 0;

        public static int device_count() => (int)Native.st_cuda_device_count();

        /// <summary>Seeds the current device's generator; nothing without a GPU.</summary>
        public static void manual_seed(long seed)
        {
            if (is_available())
            {
                Native.Check(Native.st_cuda_manual_seed(unchecked((ulong)seed), -1));
            }
        }

        public static void manual_seed_all(long seed)
        {
            for (var index = 0; index < device_count(); index++)
            {
                Native.Check(Native.st_cuda_manual_seed(unchecked((ulong)seed), index));
            }
        }

        /// <summary>Waits until the device has finished all work.</summary>
        public static void synchronize(Device? device = null) => Native.Check(Native.st_cuda_synchronize(device?.index ?? -1));
    }
}
