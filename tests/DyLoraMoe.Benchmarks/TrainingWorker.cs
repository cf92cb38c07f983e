using System.Diagnostics;
using System.Globalization;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Core.Training;
using static TorchSharp.torch;

namespace DyLoraMoe.Benchmarks;

/// <summary>
/// Our side of the comparison; <c>eng/bench/train_torch.py</c> is the other and speaks the same lines. After loading it
/// prints <c>ready</c>; on <c>run N</c> it takes N steps and prints <c>seconds S loss L</c>, L being the mean of the N losses.
/// </summary>
internal static class TrainingWorker
{
    public const string Command = "train-worker";

    public static int Run(Settings settings)
    {
        var batches = TrainingComparison.Batches();
        using var file = SafetensorsFile.Open(settings.Text("weights"));
        using var model = new CausalLanguageModel(BenchModels.Throughput, new FileWeights(file, settings.Device));
        using var step = TrainingStep.OfModel(model, Training.Options);
        var taken = 0;
        model.train();
        Console.WriteLine("ready");

        while (Console.ReadLine() is { Length: > 0 } line)
        {
            var steps = int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
            var clock = Stopwatch.StartNew();
            for (var i = 0; i < steps; i++)
            {
                step.Take(batches[taken++ % batches.Length]);
            }

            var loss = step.TakeLoss();  // Reading it waits for the device.
            clock.Stop();
            Console.WriteLine(FormattableString.Invariant($"seconds {clock.Elapsed.TotalSeconds:R} loss {loss:R}"));
        }

        return 0;
    }

    private sealed class FileWeights(SafetensorsFile file, Device device) : IWeightSource
    {
        public Tensor Take(string path, params long[] shape) => file.Read(path, device: device);
    }
}
