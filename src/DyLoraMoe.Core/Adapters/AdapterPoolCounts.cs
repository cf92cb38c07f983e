namespace DyLoraMoe.Core.Adapters;

/// <summary>Where an <see cref="AdapterPool"/> found what it was asked for.</summary>
/// <param name="DeviceHits">Requests whose adapter was on the device.</param>
/// <param name="HostHits">Requests whose adapter was in host memory.</param>
/// <param name="DiskReads">Requests that waited for the disk.</param>
/// <param name="ReadAhead">Adapters read from disk before anyone asked.</param>
public sealed record AdapterPoolCounts(long DeviceHits, long HostHits, long DiskReads, long ReadAhead);
