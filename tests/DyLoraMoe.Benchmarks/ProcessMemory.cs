using System.Globalization;

namespace DyLoraMoe.Benchmarks;

/// <summary>This process's resident memory in bytes, as the kernel counts it.</summary>
internal static class ProcessMemory
{
    public static long Now => Read("VmRSS:");

    public static long Peak => Read("VmHWM:");

    private static long Read(string field)
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(field, StringComparison.Ordinal));
        return 1024 * long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
    }
}
