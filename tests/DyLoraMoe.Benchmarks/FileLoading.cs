using System.Diagnostics;
using System.Globalization;
using DyLoraMoe.Core.Models;

namespace DyLoraMoe.Benchmarks;

/// <summary>Loads a model of a gigabyte in a fresh process and compares its peak memory with the weights.</summary>
internal static class FileLoading
{
    public const string WorkerCommand = "load-worker";

    public static int Run(Settings settings)
    {
        using var folder = new TemporaryFolder();
        using (var source = new RandomWeights(BenchModels.Gigabyte, seed: 1))
        using (var model = new CausalLanguageModel(BenchModels.Gigabyte, source))
        {
            ModelFolder.Save(folder.Path, model);
        }

        using var worker = Worker.StartOurs(settings.Threads, WorkerCommand, "--folder", folder.Path);
        var words = worker.Read().Split(' ').Where((_, index) => index % 2 == 1).Select(word => double.Parse(word, CultureInfo.InvariantCulture)).ToArray();
        var (seconds, before, peak, weights) = (words[0], words[1], words[2], words[3]);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{weights / 1e9:0.00} GB of weights in {seconds:0.0} s; peak memory {peak / 1e9:0.00} GB, of which {before / 1e9:0.00} GB before the first weight"));
        Console.WriteLine(FormattableString.Invariant($"ratio {peak / weights:0.00}"));
        return 0;
    }

    public static int Load(Settings settings)
    {
        var before = ProcessMemory.Now;
        var clock = Stopwatch.StartNew();
        using var model = ModelFolder.Load(settings.Text("folder"));
        clock.Stop();
        var weights = model.parameters().Sum(parameter => parameter.numel() * parameter.element_size());
        Console.WriteLine(FormattableString.Invariant($"seconds {clock.Elapsed.TotalSeconds:R} before {before} peak {ProcessMemory.Peak} weights {weights}"));
        return 0;
    }
}
