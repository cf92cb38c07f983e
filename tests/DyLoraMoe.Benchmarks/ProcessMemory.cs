using System.Globalization;

namespace DyLoraMoe.Benchmarks;

/// <summary>This process's resident memory in bytes, as the kernel counts it.</summary>
internal static class ProcessMemory
{
    public static long Now => Read("VmRSS:");

    public static long Peak => Read("VmHWM:");

    /// <summary>Lets the peak begin at what is resident now, which is returned.</summary>
    public static long ResetPeak()
    {
        File.WriteAllText("/proc/self/clear_refs", "5");
        return Now;
    }

    private static long Read(string field)
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(field, StringComparison.Ordinal));
        return 1024 * long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
    }
}
