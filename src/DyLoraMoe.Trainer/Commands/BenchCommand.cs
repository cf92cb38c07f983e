using System.CommandLine;
using System.Security.Cryptography;
using DyLoraMoe.CommandLine;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Trainer.CommandLine;
using DyLoraMoe.Trainer.Continual.Arms;
using DyLoraMoe.Trainer.Continual.Reporting;
using DyLoraMoe.Trainer.Continual.Running;
using DyLoraMoe.Trainer.Continual.Scoring;
using DyLoraMoe.Trainer.Continual.Streams;
using DyLoraMoe.Trainer.Predictions.Running;

namespace DyLoraMoe.Trainer.Commands;

/// <summary>A benchmark to run.</summary>
internal sealed record BenchOptions
{
    /// <summary>The backbone's folder.</summary>
    public required string Model { get; init; }

    /// <summary>The streams, by name.</summary>
    public required IReadOnlyList<string> Streams { get; init; }

    /// <summary>Paired runs.</summary>
    public required int Runs { get; init; }

    /// <summary>Tokens of a new skill; each stream's own default when null.</summary>
    public required long? Tokens { get; init; }

    /// <summary>Where results go.</summary>
    public required string Out { get; init; }

    /// <summary>Where the report goes.</summary>
    public required string Report { get; init; }

    /// <summary>The folder of a report whose runs are taken over; null for none.</summary>
    public required string? From { get; init; }

    /// <summary>The real data.</summary>
    public required string Data { get; init; }

    /// <summary>The small form.</summary>
    public required bool Quick { get; init; }

    /// <summary>The arms to run.</summary>
    public required IReadOnlyList<ArmDefinition> Arms { get; init; }

    /// <summary>The skills; each stream's own when empty.</summary>
    public required IReadOnlyList<string> Skills { get; init; }

    /// <summary>Pieces of work at once.</summary>
    public required int Workers { get; init; }

    /// <summary>Seed of everything.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The command line, for the report.</summary>
    public required string Command { get; init; }
}

/// <summary><c>dylora bench continual</c>.</summary>
internal static class BenchCommand
{
    private const string Continual = "continual";
    private const string Predictions = "predictions";
    private const string Both = "both";

    /// <summary>The verb with its options.</summary>
    public static Verb Create()
    {
        var what = new Argument<string>("WHAT") { Description = "The benchmark: continual or predictions." };
        what.AcceptOnlyFromAmong(Continual, Predictions);
        var model = OptionOf.Text("--model", "DIR", "The backbone. [default: models/dylora-tiny]");
        var stream = OptionOf.Text("--stream", "NAME", "synthetic, real or both. [default: both]");
        var runs = OptionOf.Whole("--runs", "N", "Paired runs, each with its own order of skills. [default: 5, quick: 1]", 1, 100);
        var tokens = OptionOf.Whole("--tokens", "N", $"Tokens of every arm for a new skill; half of it when a skill comes back. [default: {BenchPresets.SyntheticTokens}, real: {BenchPresets.RealTokens}, quick: {BenchPresets.QuickTokens}]", 1000);
        var output = OptionOf.Text("--out", "DIR", "Where results are kept; the same command goes on from there.", required: true);
        var report = OptionOf.Text("--report", "DIR", "Where continual.md and the folder continual beside it go. [default: --out]");
        var from = OptionOf.Text("--from", "DIR", "The folder of an earlier report of the same plan, from this machine or another: of continual, its complete runs are taken over and not made again.");
        var data = OptionOf.Text("--data", "DIR", "The folder with the real data. [default: ../shared/data]");
        var quick = OptionOf.Flag("--quick", "Four skills, few tokens, no tuning: a check that everything works, not a measurement.");
        var arms = OptionOf.Text("--arms", "NAMES", $"The arms, with commas, of {string.Join(", ", ArmCatalog.All.Select(arm => arm.Name))}. [default: all]");
        var skills = OptionOf.Text("--skills", "NAMES", "The skills, with commas. [default: the stream's own]");
        var experiments = OptionOf.Text("--experiments", "NAMES", $"Of predictions, with commas: {string.Join(", ", Experiments.All)}. [default: all]");
        var workers = OptionOf.Whole("--workers", "N", "Runs of arms side by side, each on one core. [default: one per physical core]", 1, 256);
        var seed = SharedOptions.Seed();
        return new Verb("bench", "Measure how well methods learn skills one after the other without forgetting.")
        {
            Details = "Every arm learns the same stream of skills from the same number of tokens, at a rate that was tuned for it on other data. After each visit it is "
                + "tested on every skill. Every result is a file under --out; Ctrl-C and SIGTERM end with 130 and 143, and the same command goes on from there and writes the report. "
                + "--stream, --from, --data, --arms, --skills and --seed are for continual alone, --experiments is for predictions.",
            Examples =
            [
                "dylora bench continual --out artifacts/bench --report docs/benchmarks",
                "dylora bench continual --stream synthetic --quick --out artifacts/bench-quick",
            ],
        }.With([what, model, stream, runs, tokens, output, report, from, data, quick, arms, skills, experiments, workers, seed]).Runs(parsed =>
        {
            var isPredictions = parsed.GetValue(what) == Predictions;
            parsed.Refuse(
                isPredictions ? [stream, from, data, arms, skills, seed] : [experiments],
                $"is for {(isPredictions ? Continual : Predictions)}; leave it out.");
            var isQuick = parsed.GetValue(quick);
            var folder = parsed.GetValue(output)!;
            var options = new BenchOptions
            {
                Model = parsed.GetValue(model) ?? "models/dylora-tiny",
                Streams = StreamsOf(parsed.GetValue(stream) ?? Both),
                Runs = parsed.GetValue(runs) ?? (isQuick ? 1 : 5),
                Tokens = parsed.GetValue(tokens),
                Out = folder,
                Report = parsed.GetValue(report) ?? folder,
                From = parsed.GetValue(from),
                Data = parsed.GetValue(data) ?? Path.Combine("..", "shared", "data"),
                Quick = isQuick,
                Arms = ArmsOf(parsed.GetValue(arms)),
                Skills = Names(parsed.GetValue(skills)),
                Workers = parsed.GetValue(workers) ?? PhysicalCores.Count(),
                Seed = (ulong)(parsed.GetValue(seed) ?? 1),
                Command = "bin/dylora " + string.Join(' ', parsed.Tokens.Select(token => token.Value)),
            };
            return isPredictions ? PredictionsBench.Run(options, Names(parsed.GetValue(experiments))) : Run(options);
        });
    }

    private static int Run(BenchOptions options)
    {
        var tokenizer = TextTokenizer.Load(options.Model);
        var backbone = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(options.Model, "model.safetensors"))));
        var progress = new BenchProgress(Console.Error, Screen.RewritesLines, TimeProvider.System);
        var place = new Workplace(options.Model, Path.Combine(options.Out, "scratch"), new ScoreMemo(), progress, TimeProvider.System);
        var kept = Kept(options);
        var done = new List<(BenchResults Results, IReadOnlyList<TuningRecord> Tuning)>();
        using var stop = StopRequest.Listen();
        try
        {
            foreach (var name in options.Streams)
            {
                var plan = BenchPresets.Of(name, options) with { Backbone = backbone };
                var results = new ResultFolder(Path.Combine(options.Out, name));
                results.Claim(plan);
                TakeOver(options, plan, results);
                new BenchRunner(place, plan, results, StreamOf(plan, options, tokenizer)).Run(ArmGroup.Of(options.Arms), options.Runs, options.Workers, stop.Token);
                done.Add((new BenchResults(plan, results.ReadAll(ArmCatalog.All, options.Runs)), results.ReadTunings(ArmCatalog.All)));
            }
        }
        catch (OperationCanceledException)
        {
            stop.ThrowIfRequested();
            throw;
        }

        BenchReport.Write(options.Report, options.Command, [.. done.Concat(kept).OrderByDescending(each => each.Results.Plan.Stream == SyntheticStream.Name)]);
        Console.WriteLine(Path.Combine(options.Report, "continual.md"));
        return ExitCode.Done;
    }

    private static void TakeOver(BenchOptions options, BenchPlan plan, ResultFolder results)
    {
        if (options.From is { } from && BenchReport.RawFile(from, plan.Stream) is var path && File.Exists(path))
        {
            var raw = RawResults.Read(path);
            if (JsonText.Line(raw.Plan) != JsonText.Line(plan))
            {
                throw new UsageException($"{path} was measured by another plan than this one (skills, tokens, seed, backbone or shape differ): leave --from out, or give the settings it was begun with.");
            }

            results.TakeOver(raw.Records(), raw.Tuning);
        }
    }

    // A report keeps the streams that were measured before and are not asked for now; read before hours of work, so that what cannot be read is said then.
    private static List<(BenchResults Results, IReadOnlyList<TuningRecord> Tuning)> Kept(BenchOptions options) =>
    [
        .. StreamsOf(Both)
            .Except(options.Streams)
            .Select(stream => BenchReport.RawFile(options.Report, stream))
            .Where(File.Exists)
            .Select(RawResults.Read)
            .Select(raw => (new BenchResults(raw.Plan, raw.Records()), raw.Tuning)),
    ];

    private static Func<int, SkillStream> StreamOf(BenchPlan plan, BenchOptions options, TextTokenizer tokenizer)
    {
        var samples = new SampleCase(tokenizer, plan.Settings.RowLength);
        if (plan.Stream == SyntheticStream.Name)
        {
            var synthetic = new SyntheticStream(samples, plan.Options);
            return run => synthetic.Of(run, plan.Seed);
        }

        var real = new RealStream(new RealData(options.Data), samples, plan.Options);
        return run => real.Of(run, plan.Seed);
    }

    private static IReadOnlyList<string> StreamsOf(string stream) => stream switch
    {
        SyntheticStream.Name or RealStream.Name => [stream],
        Both => [SyntheticStream.Name, RealStream.Name],
        _ => throw new UsageException($"--stream expects synthetic, real or both, found '{stream}'."),
    };

    private static ArmDefinition[] ArmsOf(string? names)
    {
        var chosen = Names(names);
        return chosen.FirstOrDefault(name => ArmCatalog.All.All(arm => arm.Name != name)) is { } unknown
            ? throw new UsageException($"--arms expects some of {string.Join(", ", ArmCatalog.All.Select(arm => arm.Name))}, found '{unknown}'.")
            : [.. ArmCatalog.All.Where(arm => chosen.Length == 0 || chosen.Contains(arm.Name))];
    }

    private static string[] Names(string? list) => list?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
