using System.Diagnostics;
using DyLoraMoe.Router.Metrics;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Router.Tests.Metrics;

public sealed class GpuReadingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Without_a_driver_there_is_nothing_to_tell()
    {
        var readings = new GpuReadings("libno-such-driver.so.1");

        Assert.Empty(readings.UsedBytes());
        Assert.Empty(readings.TotalBytes());
        Assert.Empty(readings.Utilizations());
    }

    [Fact]
    public void What_the_driver_says_is_told_by_GPU_and_one_that_does_not_answer_is_left_out()
    {
        // NVML's own shapes: memory is total, free, used in bytes; utilization is GPU, memory in percent.
        var readings = new GpuReadings(Compiled("""
            struct memory { unsigned long long total, free, used; };
            struct utilization { unsigned int gpu, memory; };
            int nvmlInit_v2(void) { return 0; }
            int nvmlDeviceGetCount_v2(unsigned int *count) { *count = 3; return 0; }
            int nvmlDeviceGetHandleByIndex_v2(unsigned int index, void **handle) { *handle = (void *)(unsigned long)(index + 1); return 0; }
            int nvmlDeviceGetMemoryInfo(void *handle, struct memory *found)
            {
                if ((unsigned long)handle == 2) { return 15; }
                found->total = 80ull << 30; found->used = (unsigned long)handle << 30; found->free = found->total - found->used;
                return 0;
            }
            int nvmlDeviceGetUtilizationRates(void *handle, struct utilization *found) { found->gpu = 25 * (unsigned int)(unsigned long)handle; found->memory = 1; return 0; }
            """));

        Assert.Equal([("0", 1L << 30), ("2", 3L << 30)], readings.UsedBytes());
        Assert.Equal([("0", 80L << 30), ("2", 80L << 30)], readings.TotalBytes());
        Assert.Equal([("0", 0.25), ("1", 0.5), ("2", 0.75)], readings.Utilizations());
    }

    [Fact]
    public void A_driver_that_cannot_begin_tells_nothing()
    {
        var readings = new GpuReadings(Compiled("""
            int nvmlInit_v2(void) { return 9; }
            int nvmlDeviceGetCount_v2(unsigned int *count) { *count = 1; return 0; }
            int nvmlDeviceGetHandleByIndex_v2(unsigned int index, void **handle) { return 0; }
            int nvmlDeviceGetMemoryInfo(void *handle, void *found) { return 0; }
            int nvmlDeviceGetUtilizationRates(void *handle, void *found) { return 0; }
            """));

        Assert.Empty(readings.UsedBytes());
    }

    private string Compiled(string source)
    {
        File.WriteAllText(_folder["driver.c"], source);
        using var compiler = Process.Start("gcc", ["-shared", "-fPIC", "-o", _folder["libdriver.so"], _folder["driver.c"]]);
        compiler.WaitForExit();
        Assert.Equal(0, compiler.ExitCode);
        return _folder["libdriver.so"];
    }
}
