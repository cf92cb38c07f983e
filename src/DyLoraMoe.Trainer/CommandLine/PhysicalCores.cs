using System.Globalization;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>How many threads pay off: two hyper-threads share one set of arithmetic units.</summary>
internal static class PhysicalCores
{
    /// <summary>Threads to compute with unless a command line says otherwise: what <c>OMP_NUM_THREADS</c> says, else one per core.</summary>
    public static int Threads() => int.TryParse(Environment.GetEnvironmentVariable("OMP_NUM_THREADS"), CultureInfo.InvariantCulture, out var asked) && asked > 0 ? asked : Count();

    /// <summary>Cores with units of their own, and no more than this process may use.</summary>
    public static int Count()
    {
        var cores = Distinct("/sys/devices/system/cpu");
        return cores > 0 ? Math.Min(cores, Environment.ProcessorCount) : Environment.ProcessorCount;
    }

    private static int Distinct(string folder)
    {
        try
        {
            return Directory.EnumerateDirectories(folder, "cpu*")
                .Select(cpu => Path.Combine(cpu, "topology", "thread_siblings_list"))
                .Where(File.Exists)
                .Select(File.ReadAllText)
                .Distinct(StringComparer.Ordinal)
                .Count();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
