using System.Globalization;
using System.Runtime.InteropServices;

namespace DyLoraMoe.Router.Metrics;

/// <summary>What NVIDIA's driver says of the GPUs that this process may see; nothing where there is no driver.</summary>
internal sealed unsafe class GpuReadings
{
    /// <summary>The driver's management library (NVML), as every driver installs it.</summary>
    public const string Library = "libnvidia-ml.so.1";

    private const int Success = 0;

    private readonly List<(string Name, nint Handle)> _gpus = [];
    private readonly delegate* unmanaged[Cdecl]<nint, Memory*, int> _memory;
    private readonly delegate* unmanaged[Cdecl]<nint, Utilization*, int> _utilization;

    /// <param name="library">The library; another than <see cref="Library"/> for tests.</param>
    public GpuReadings(string library = Library)
    {
        if (!NativeLibrary.TryLoad(library, out var loaded)
            || !NativeLibrary.TryGetExport(loaded, "nvmlInit_v2", out var begin)
            || !NativeLibrary.TryGetExport(loaded, "nvmlDeviceGetCount_v2", out var count)
            || !NativeLibrary.TryGetExport(loaded, "nvmlDeviceGetHandleByIndex_v2", out var find)
            || !NativeLibrary.TryGetExport(loaded, "nvmlDeviceGetMemoryInfo", out var memory)
            || !NativeLibrary.TryGetExport(loaded, "nvmlDeviceGetUtilizationRates", out var utilization))
        {
            return;
        }

        _memory = (delegate* unmanaged[Cdecl]<nint, Memory*, int>)memory;
        _utilization = (delegate* unmanaged[Cdecl]<nint, Utilization*, int>)utilization;
        uint gpus;
        if (((delegate* unmanaged[Cdecl]<int>)begin)() != Success || ((delegate* unmanaged[Cdecl]<uint*, int>)count)(&gpus) != Success)
        {
            return;
        }

        for (var index = 0u; index < gpus; index++)
        {
            nint handle;
            if (((delegate* unmanaged[Cdecl]<uint, nint*, int>)find)(index, &handle) == Success)
            {
                _gpus.Add((index.ToString(CultureInfo.InvariantCulture), handle));
            }
        }
    }

    /// <summary>Bytes in use, by GPU, of all processes.</summary>
    public IEnumerable<(string Gpu, double Amount)> UsedBytes() => Read(gpu => MemoryOf(gpu) is { } memory ? memory.Used : null);

    /// <summary>Bytes there are, by GPU.</summary>
    public IEnumerable<(string Gpu, double Amount)> TotalBytes() => Read(gpu => MemoryOf(gpu) is { } memory ? memory.Total : null);

    /// <summary>Share of the latest moments in which it computed, 0 to 1, by GPU.</summary>
    public IEnumerable<(string Gpu, double Amount)> Utilizations() => Read(gpu => UtilizationOf(gpu) is { } utilization ? utilization.Gpu / 100.0 : null);

    private IEnumerable<(string Gpu, double Amount)> Read(Func<nint, double?> read) =>
        [.. _gpus.Select(gpu => (gpu.Name, Amount: read(gpu.Handle))).Where(each => each.Amount is not null).Select(each => (each.Name, each.Amount!.Value))];

    private Memory? MemoryOf(nint gpu)
    {
        Memory memory;
        return _memory(gpu, &memory) == Success ? memory : null;
    }

    private Utilization? UtilizationOf(nint gpu)
    {
        Utilization utilization;
        return _utilization(gpu, &utilization) == Success ? utilization : null;
    }

    // nvmlMemory_t, in bytes.
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Memory
    {
        public readonly ulong Total;
        public readonly ulong Free;
        public readonly ulong Used;
    }

    // nvmlUtilization_t, in percent.
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Utilization
    {
        public readonly uint Gpu;
        public readonly uint Memory;
    }
}
