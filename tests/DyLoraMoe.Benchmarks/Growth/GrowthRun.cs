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

/// <summary>
/// What has been measured: the runs that are kept beside the report, and those of a folder, one file each. What is there is not run again.
/// </summary>
internal sealed class GrowthRuns
{
    private static readonly JsonSerializerOptions _json = new() { WriteIndented = true };
    private readonly string _folder;
    private readonly string _kept;
    private readonly List<GrowthRun> _runs = [];

    /// <param name="folder">The folder.</param>
    /// <param name="page">The report; its runs are in <c>runs.json</c> in a folder of its name beside it.</param>
    public GrowthRuns(string folder, string page)
    {
        (_folder, _kept) = (folder, Path.Combine(Path.ChangeExtension(page, null), "runs.json"));
        if (File.Exists(_kept))
        {
            _runs.AddRange(JsonSerializer.Deserialize<GrowthRun[]>(File.ReadAllText(_kept))!);
        }

        var files = Directory.Exists(folder) ? Directory.GetFiles(folder, "*-seed*.json") : [];
        _runs.AddRange(files.Select(file => JsonSerializer.Deserialize<GrowthRun>(File.ReadAllText(file))!).Where(run => !Has(run.Arm, run.Seed)));
    }

    public IReadOnlyList<GrowthRun> All => _runs;

    public void Measure(string arm, int seed, Func<GrowthRun> run)
    {
        if (Has(arm, seed))
        {
            return;
        }

        Console.Error.WriteLine($"{arm}, seed {seed}");
        var made = run();
        _runs.Add(made);
        Directory.CreateDirectory(_folder);
        AtomicFile.WriteText(Path.Combine(_folder, FormattableString.Invariant($"{arm}-seed{seed}.json")), JsonSerializer.Serialize(made, _json));
    }

    /// <summary>Writes all runs beside the report.</summary>
    public void Keep()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_kept)!);
        AtomicFile.WriteText(_kept, JsonSerializer.Serialize(_runs.OrderBy(run => run.Arm, StringComparer.Ordinal).ThenBy(run => run.Seed)));
    }

    private bool Has(string arm, int seed) => _runs.Exists(run => run.Arm == arm && run.Seed == seed);
}
