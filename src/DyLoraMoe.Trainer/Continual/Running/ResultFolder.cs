using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Continual.Arms;

namespace DyLoraMoe.Trainer.Continual.Running;

/// <summary>Results on disk, each file whole or not there: what a killed benchmark goes on from.</summary>
/// <param name="folder">The folder of one stream.</param>
internal sealed class ResultFolder(string folder)
{
    private const string PlanFile = "plan.json";

    /// <summary>Makes the folder this plan's, or checks that it is.</summary>
    /// <exception cref="InvalidDataException">It holds the results of another plan.</exception>
    public void Claim(BenchPlan plan)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, PlanFile);
        var text = JsonText.Of(plan);
        if (File.Exists(path) && File.ReadAllText(path) is var found && found != text)
        {
            throw new InvalidDataException($"{folder} holds results of another benchmark ({PlanFile} differs in skills, tokens, seed, backbone or shape). Give another --out, or the settings it was begun with.");
        }

        AtomicFile.WriteText(path, text);
    }

    /// <summary>The record of a complete arm's run; null when there is none.</summary>
    public ArmRunRecord? Read(int run, string arm) => Load<ArmRunRecord>(Path.Combine(Of(run, arm), "run.json"));

    /// <summary>Every complete run of these arms up to a number of runs.</summary>
    public IReadOnlyList<ArmRunRecord> ReadAll(IReadOnlyList<ArmDefinition> arms, int runs) =>
        [.. arms.SelectMany(arm => Enumerable.Range(1, runs).Select(run => Read(run, arm.Name)).OfType<ArmRunRecord>())];

    /// <summary>What tuning found for these arms.</summary>
    public IReadOnlyList<TuningRecord> ReadTunings(IReadOnlyList<ArmDefinition> arms) => [.. arms.Select(arm => ReadTuning(arm.Name)).OfType<TuningRecord>()];

    /// <summary>Saves a complete arm's run.</summary>
    public void Write(ArmRunRecord record) => Save(Path.Combine(Of(record.Run, record.Arm), "run.json"), record);

    /// <summary>Saves a stage.</summary>
    public void Write(StageRecord record) => Save(Path.Combine(Of(record.Run, record.Arm), $"stage-{record.Stage:00}.json"), record);

    /// <summary>Takes over what was measured elsewhere and is not here yet.</summary>
    public void TakeOver(IEnumerable<ArmRunRecord> records, IEnumerable<TuningRecord> tunings)
    {
        foreach (var record in records.Where(record => Read(record.Run, record.Arm) is null))
        {
            Write(record);
        }

        foreach (var tuning in tunings.Where(tuning => ReadTuning(tuning.Arm) is null))
        {
            Write(tuning);
        }
    }

    /// <summary>What tuning found for an arm; null when it has not been tuned yet.</summary>
    public TuningRecord? ReadTuning(string arm) => Load<TuningRecord>(Path.Combine(folder, "tuning", $"{arm}.json"));

    /// <summary>Saves what tuning found.</summary>
    public void Write(TuningRecord record) => Save(Path.Combine(folder, "tuning", $"{record.Arm}.json"), record);

    private string Of(int run, string arm) => Path.Combine(folder, $"run-{run}", arm);

    private static T? Load<T>(string path) where T : class => File.Exists(path) ? JsonText.Read<T>(path) : null;

    private static void Save<T>(string path, T value)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        AtomicFile.WriteText(path, JsonText.Of(value));
    }
}

/// <summary>What tuning found for one arm.</summary>
/// <param name="Arm">The arm.</param>
/// <param name="Rate">The rate with the best mean score on held-out data of all visits.</param>
/// <param name="Tried">Every rate with its score; null where training diverged.</param>
/// <param name="Mode">The mode of experts that goes with the rate; null of an arm without a choice.</param>
internal sealed record TuningRecord(string Arm, double Rate, IReadOnlyList<TriedRate> Tried, AdapterMode? Mode = null)
{
    /// <summary>What the arm is to be run with.</summary>
    public ArmSetting Best() => new(Rate, Mode ?? AdapterMode.Full);
}

/// <summary>A rate that was tried.</summary>
/// <param name="Rate">The rate.</param>
/// <param name="Score">Mean score on held-out data.</param>
/// <param name="Mode">The mode of experts, of an arm that has a choice.</param>
internal sealed record TriedRate(double Rate, double? Score, AdapterMode? Mode = null)
{
    /// <summary>What was tried.</summary>
    public ArmSetting Setting() => new(Rate, Mode ?? AdapterMode.Full);
}
