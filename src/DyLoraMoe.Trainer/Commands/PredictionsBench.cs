using System.Security.Cryptography;
using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Continual.Running;
using DyLoraMoe.Trainer.Predictions.Reporting;
using DyLoraMoe.Trainer.Predictions.Running;
using DyLoraMoe.Trainer.Predictions.Trials;

namespace DyLoraMoe.Trainer.Commands;

/// <summary><c>dylora bench predictions</c>.</summary>
internal static class PredictionsBench
{
    /// <summary>Runs it and writes the report.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="experiments">Which experiments; all when empty.</param>
    public static int Run(BenchOptions options, IReadOnlyList<string> experiments)
    {
        if (experiments.FirstOrDefault(name => !Experiments.All.Contains(name)) is { } unknown)
        {
            throw new UsageException($"--experiments expects some of {string.Join(", ", Experiments.All)}, found '{unknown}'.");
        }

        var size = (options.Quick ? TrialSize.Quick : TrialSize.Full) is var usual && options.Tokens is { } tokens ? usual with { Tokens = tokens } : usual;
        var backbone = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(options.Model, "model.safetensors"))));
        var results = new PredictionResults(options.Out);
        results.Claim(new PredictionPlan(PredictionPlan.Newest, backbone, size));
        var progress = new BenchProgress(Console.Error, Screen.RewritesLines, TimeProvider.System);
        using var stop = StopRequest.Listen();
        try
        {
            var runner = new PredictionRunner(options.Model, size, results, progress, options.Workers);
            var done = runner.Run(experiments.Count > 0 ? experiments : Experiments.All, options.Runs, !options.Quick, stop.Token);
            Console.WriteLine(PredictionReport.Write(options.Report, options.Command, size, done));
        }
        catch (OperationCanceledException)
        {
            stop.ThrowIfRequested();
            throw;
        }

        return ExitCode.Done;
    }
}
