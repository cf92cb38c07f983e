using System.Text.Json;
using DyLoraMoe.Core.Safetensors;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Benchmarks.Growth;

/// <summary>What one arm came to with one seed. Losses in nats per token of held-out text, divergences KL(model it comes from || arm) on the same.</summary>
internal sealed record GrowthRun
{
    public required string Arm { get; init; }

    public required int Seed { get; init; }

    public required long Parameters { get; init; }

    /// <summary>Weights and loss of the model that the arm comes from or is compared with.</summary>
    public required long ParametersBefore { get; init; }

    public required double Before { get; init; }

    /// <summary>Right after growth, noise or cutting.</summary>
    public required double Start { get; init; }

    public required double StartDivergence { get; init; }

    /// <summary>After distillation in reverse; null where there is none.</summary>
    public double? Repaired { get; init; }

    public double? RepairedDivergence { get; init; }

    public required double Final { get; init; }

    public required double FinalDivergence { get; init; }

    /// <summary>Tokens of real text read, in all phases of this arm.</summary>
    public required long DataTokens { get; init; }

    /// <summary>Tokens of made-up text read.</summary>
    public required long TeacherTokens { get; init; }

    public required double Seconds { get; init; }

    /// <summary>The last phase.</summary>
    public required IReadOnlyList<CurvePoint> Curve { get; init; }

    /// <summary>Tokens of the last phase until the loss was that of the small model again; null when it never was.</summary>
    public long? Recovered => Curve.FirstOrDefault(point => point.ValidationLoss <= Before)?.Tokens;
}

/// <summary>One file a run: what is there is not run again.</summary>
/// <param name="folder">The folder.</param>
internal sealed class GrowthRuns(string folder)
{
    private static readonly JsonSerializerOptions _json = new() { WriteIndented = true };

    public GrowthRun Of(string arm, int seed, Func<GrowthRun> run)
    {
        var path = Path.Combine(folder, FormattableString.Invariant($"{arm}-seed{seed}.json"));
        if (File.Exists(path))
        {
            return JsonSerializer.Deserialize<GrowthRun>(File.ReadAllText(path))!;
        }

        Console.Error.WriteLine($"{arm}, seed {seed}");
        var made = run();
        Directory.CreateDirectory(folder);
        AtomicFile.WriteText(path, JsonSerializer.Serialize(made, _json));
        return made;
    }
}
