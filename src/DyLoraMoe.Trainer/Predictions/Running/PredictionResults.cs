using System.Globalization;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Predictions.Trials;

namespace DyLoraMoe.Trainer.Predictions.Running;

/// <summary>Results on disk, a file a run, each whole or not there: what a killed benchmark goes on from.</summary>
/// <param name="folder">Where they are.</param>
internal sealed class PredictionResults(string folder)
{
    private const string PlanFile = "plan.json";

    /// <summary>Makes the folder this plan's, or checks that it is.</summary>
    /// <exception cref="InvalidDataException">It holds the results of another plan.</exception>
    public void Claim(PredictionPlan plan)
    {
        Directory.CreateDirectory(folder);
        var (path, text) = (Path.Combine(folder, PlanFile), JsonText.Of(plan));
        if (File.Exists(path) && File.ReadAllText(path) != text)
        {
            throw new InvalidDataException($"{folder} holds results of another benchmark ({PlanFile} differs in registration, backbone or shape). Give another --out, or the settings it was begun with.");
        }

        AtomicFile.WriteText(path, text);
    }

    /// <summary>The result of a run; null when there is none.</summary>
    public TrialResult? Read(TrialOptions options) => File.Exists(PathOf(options)) ? JsonText.Read<TrialResult>(PathOf(options)) : null;

    /// <summary>Keeps a result.</summary>
    public void Write(TrialResult result)
    {
        var path = PathOf(result.Options);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        AtomicFile.WriteText(path, JsonText.Of(result));
    }

    // A rate belongs to the name: another one is another run.
    private string PathOf(TrialOptions options) => Path.Combine(
        folder,
        options.Experiment,
        string.Create(CultureInfo.InvariantCulture, $"{options.Arm.Replace(", ", "-", StringComparison.Ordinal).Replace(" + ", "+", StringComparison.Ordinal).Replace(' ', '-')}_{options.Rate:0.0e-0}_{options.Run}.json"));
}

/// <summary>What decides the figures.</summary>
/// <param name="Registration">Which registration of docs/benchmarks/predictions.md the arms are of.</param>
/// <param name="Backbone">SHA-256 of its weights.</param>
/// <param name="Size">Shape of the runs.</param>
internal sealed record PredictionPlan(int Registration, string Backbone, TrialSize Size)
{
    /// <summary>The registration that is carried out.</summary>
    public const int Newest = 2;
}
