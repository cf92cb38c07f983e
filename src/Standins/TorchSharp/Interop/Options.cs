using System;
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
        DType = Number(dtype);
        DeviceType = device is null ? -1 : (int)device.type;
        DeviceIndex = device?.index ?? -1;
        RequiresGrad = requiresGrad ? 1 : 0;
    }

    /// <summary>A type's number for native code, which does not check it; -1 for none.</summary>
    internal static int Number(ScalarType? dtype) => dtype switch
    {
        null => -1,
        { } type when Enum.IsDefined(type) => (int)type,
        _ => throw new ArgumentException($"Expected an element type of torch.ScalarType, found number {(int)dtype}."),
    };

    /// <summary>What is not given is the process-wide default.</summary>
    internal static Options OrDefault(ScalarType? dtype, Device? device, bool requiresGrad) =>
        new(dtype ?? get_default_dtype(), InitializeDevice(device), requiresGrad);
}
