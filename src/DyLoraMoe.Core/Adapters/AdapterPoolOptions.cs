namespace DyLoraMoe.Core.Adapters;

/// <summary>How much memory an <see cref="AdapterPool"/> may use.</summary>
public sealed record AdapterPoolOptions
{
    /// <summary>Bytes on the device. The default, 1 GiB, holds some hundred experts of rank 16 on a 1B backbone.</summary>
    public long DeviceBytes { get; init; } = 1L << 30;

    /// <summary>Bytes in host memory for those that had to leave the device. The default is 4 GiB.</summary>
    public long HostBytes { get; init; } = 4L << 30;
}
