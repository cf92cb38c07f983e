using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Where and of what type a new tensor shall be; the mirror of the C++ struct of that name.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct Options
{
    internal readonly int DType;
    internal readonly int DeviceType;
    internal readonly int DeviceIndex;
    internal readonly int RequiresGrad;

    /// <summary>What is not given stays open: native code takes its own default, or the source tensor's.</summary>
    internal Options(ScalarType? dtype, Device? device, bool requiresGrad = false)
    {
        DType = dtype is null ? -1 : (int)dtype.Value;
        DeviceType = device is null ? -1 : (int)device.type;
        DeviceIndex = device?.index ?? -1;
        RequiresGrad = requiresGrad ? 1 : 0;
    }

    /// <summary>What is not given is the process-wide default.</summary>
    internal static Options OrDefault(ScalarType? dtype, Device? device, bool requiresGrad) =>
        new(dtype ?? get_default_dtype(), InitializeDevice(device), requiresGrad);
}
