using System.Diagnostics;
using System.Globalization;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Safetensors;
using static TorchSharp.torch;

namespace DyLoraMoe.Benchmarks;

/// <summary>
/// Our side of the comparison; <c>eng/bench/train_torch.py</c> is the other and speaks the same lines. After loading it
/// prints <c>ready</c>; on <c>run N</c> it takes N steps and prints <c>seconds S losses L1 L2 ...</c>.
/// </summary>
internal static class TrainingWorker
{
    public const string Command = "train-worker";
    public const string BatchesName = "batches";

    public static int Run(Settings settings)
    {
        using var file = SafetensorsFile.Open(settings.Text("tensors"));
        using var model = new CausalLanguageModel(BenchModels.Throughput, new FileWeights(file)).Unfreeze();
        using var optimizer = Training.Optimizer(model.parameters());
        using var all = file.Read(BatchesName);
        var batches = all.unbind(0);
        var taken = 0;
        model.train();
        Console.WriteLine("ready");

        while (Console.ReadLine() is { Length: > 0 } line)
        {
            var losses = new Tensor[int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture)];
            var clock = Stopwatch.StartNew();
            for (var i = 0; i < losses.Length; i++)
            {
                losses[i] = Training.Step(model, optimizer, batches[taken++ % batches.Length]);
            }

            clock.Stop();
            var values = losses.Select(loss => loss.item<float>().ToString("R", CultureInfo.InvariantCulture));
            Console.WriteLine(FormattableString.Invariant($"seconds {clock.Elapsed.TotalSeconds:R} losses {string.Join(' ', values)}"));
            foreach (var loss in losses)
            {
                loss.Dispose();
            }
        }

        return 0;
    }

    private sealed class FileWeights(SafetensorsFile file) : IWeightSource
    {
        public Tensor Take(string path, params long[] shape) => file.Read(path);
    }
}
