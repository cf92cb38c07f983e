using System.Text.Json;
using DyLoraMoe.Core.Growth.Infinite;
using DyLoraMoe.Core.Safetensors;

namespace DyLoraMoe.Benchmarks.Infinite;

/// <summary>What one student came to.</summary>
internal sealed record InfiniteTrial
{
    public required UnitAxis Axis { get; init; }

    /// <summary>Strength of gravity; null for a fixed size.</summary>
    public required double? Gravity { get; init; }

    public required int Start { get; init; }

    public required int Seed { get; init; }

    public required int Found { get; init; }

    /// <summary>KL(teacher || student) on tokens that no student has seen, nats per token.</summary>
    public required double Divergence { get; init; }

    public required int Steps { get; init; }

    /// <summary>Weights that trained, summed over steps: what the run cost.</summary>
    public required double WeightSteps { get; init; }

    public required double Seconds { get; init; }

    public required IReadOnlyList<TracePoint> Trace { get; init; }

    /// <summary>Whether the size is within a fifth of the teacher's.</summary>
    public bool IsRecovered => Math.Abs(Found - InfinitePreset.TeacherSize(Axis)) <= 0.2 * InfinitePreset.TeacherSize(Axis);
}

/// <summary>One file a student: what is there is not trained again.</summary>
/// <param name="folder">The folder.</param>
/// <param name="isClosed">Whether no more students are trained: the report is of those that are there.</param>
internal sealed class InfiniteTrials(string folder, bool isClosed)
{
    public InfiniteTrial? Of(string name, Func<InfiniteTrial> train)
    {
        var path = Path.Combine(folder, name + ".json");
        if (File.Exists(path))
        {
            return JsonSerializer.Deserialize<InfiniteTrial>(File.ReadAllText(path))!;
        }

        if (isClosed)
        {
            return null;
        }

        var trial = train();
        Console.Error.WriteLine(FormattableString.Invariant($"{name}: found {trial.Found}, divergence {trial.Divergence:0.00000}, {trial.Seconds:0} s"));
        Directory.CreateDirectory(folder);
        AtomicFile.WriteText(path, JsonSerializer.Serialize(trial));
        return trial;
    }
}
