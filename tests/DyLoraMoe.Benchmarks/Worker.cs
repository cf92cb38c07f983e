using System.Diagnostics;
using System.Globalization;

namespace DyLoraMoe.Benchmarks;

/// <summary>A process that answers each line it is sent with one line.</summary>
internal sealed class Worker : IDisposable
{
    private readonly Process _process;

    private Worker(Process process) => _process = process;

    /// <summary>Starts this program again with another command.</summary>
    public static Worker StartOurs(int threads, params string[] arguments) =>
        Start(Environment.ProcessPath!, threads, [.. arguments, "--threads", threads.ToString(CultureInfo.InvariantCulture)]);

    public static Worker Start(string program, int threads, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["OMP_NUM_THREADS"] = threads.ToString(CultureInfo.InvariantCulture);
        if (Blas.OpenMpFolder is { } folder)
        {
            start.Environment["LD_LIBRARY_PATH"] = folder + ":" + Environment.GetEnvironmentVariable("LD_LIBRARY_PATH");
        }

        if (Blas.Kernels() is { } kernels)
        {
            start.Environment[Blas.KernelsVariable] = kernels;
        }

        return new Worker(Process.Start(start)!);
    }

    /// <summary>The native libraries behind the numbers, by file, as the process has them mapped.</summary>
    public IReadOnlyList<string> Libraries()
    {
        string[] parts = ["/libtorch_cpu.so", "/libblas.so", "/libopenblas", "/libgomp.so"];
        return [.. File.ReadLines($"/proc/{_process.Id}/maps")
            .Select(line => line[(line.LastIndexOf(' ') + 1)..])
            .Where(path => parts.Any(path.Contains))
            .Distinct()
            .Order(StringComparer.Ordinal)];
    }

    public string Ask(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
        return Read();
    }

    /// <summary>The next line the process prints.</summary>
    /// <exception cref="InvalidOperationException">The process has ended instead; it has said why on standard error.</exception>
    public string Read()
    {
        if (_process.StandardOutput.ReadLine() is { } line)
        {
            return line;
        }

        _process.WaitForExit();
        throw new InvalidOperationException($"{_process.StartInfo.FileName} ended with exit code {_process.ExitCode} in the middle of a measurement.");
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(30)))
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }
}
