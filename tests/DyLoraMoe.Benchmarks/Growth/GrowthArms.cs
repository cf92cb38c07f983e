using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Growth;
using DyLoraMoe.Core.Growth.Operators;
using DyLoraMoe.Core.Growth.Shrinking;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Core.Training.Distillation;

namespace DyLoraMoe.Benchmarks.Growth;

/// <summary>One way to go on from the small model.</summary>
/// <param name="Name">Name of its files.</param>
/// <param name="Title">What it does.</param>
/// <param name="Run">Runs it with one seed.</param>
internal sealed record GrowthArm(string Name, string Title, Func<GrowthWorld, GrowthArm, GrowthRun> Run);

/// <summary>The arms. All of a kind read as much data after the small model's as each other.</summary>
internal static class GrowthArms
{
    /// <summary>The arm that the others of growth are compared with.</summary>
    public const string Exact = "exact";

    /// <summary>The arm that the others of shrinking are compared with.</summary>
    public const string Scratch = "half-scratch";

    /// <summary>The third seed's claim is about this one.</summary>
    public const string Repaired = "noise-repaired";

    /// <summary>What growth has to be worth its work beside.</summary>
    public const string Continued = "small-continued";

    private const int LookedWindows = 64;

    public static IReadOnlyList<GrowthArm> Larger { get; } =
    [
        new(Exact, "grown exactly, random readers", Grown(GrowthVariant.RandomReaders, isNoisy: false, isRepaired: false)),
        new("padded", "grown exactly, zero-padded", Grown(GrowthVariant.ZeroPadded, isNoisy: false, isRepaired: false)),
        new("noise", "random readers, noise", Grown(GrowthVariant.RandomReaders, isNoisy: true, isRepaired: false)),
        new(Repaired, "random readers, noise, distillation in reverse", Grown(GrowthVariant.RandomReaders, isNoisy: true, isRepaired: true)),
        new("padded-noise", "zero-padded, noise", Grown(GrowthVariant.ZeroPadded, isNoisy: true, isRepaired: false)),
        new("padded-noise-repaired", "zero-padded, noise, distillation in reverse", Grown(GrowthVariant.ZeroPadded, isNoisy: true, isRepaired: true)),
        new("net2net", "Net2Net: neurons twice, copied layers", Duplicated(isNoisy: false)),
        new("net2net-noise", "Net2Net, noise", Duplicated(isNoisy: true)),
        new("large-scratch", "the large model from nothing, with as much work in all", LargeFromScratch),
        new(Continued, "the small model goes on, with as much work", SmallContinued),
    ];

    public static IReadOnlyList<GrowthArm> Smaller { get; } =
    [
        new("half-samples", "copy of itself, taught on its own texts (no data)", Half(isCopy: true, Lesson.Samples)),
        new("half-data", "copy of itself, taught on data", Half(isCopy: true, Lesson.Teacher)),
        new("half-labels", "copy of itself, data alone", Half(isCopy: true, Lesson.Data)),
        new("half-random-taught", "from nothing, taught on data", Half(isCopy: false, Lesson.Teacher)),
        new(Scratch, "from nothing, data alone", Half(isCopy: false, Lesson.Data)),
        new("half-scratch-all", "from nothing, on all tokens", Half(isCopy: false, Lesson.AllData)),
    ];

    public static IEnumerable<GrowthArm> All => Larger.Concat(Smaller);

    private enum Lesson
    {
        Samples,
        Teacher,
        Data,
        AllData,
    }

    private static Func<GrowthWorld, GrowthArm, GrowthRun> Grown(GrowthVariant variant, bool isNoisy, bool isRepaired) => (world, arm) =>
    {
        var preset = world.Preset;
        var plan = preset.Growth(world.Small.Config, variant == GrowthVariant.ZeroPadded ? LayerStart.Identity : LayerStart.Random, variant);
        using var model = plan.Grow(world.Small, world.Seed);
        if (isNoisy)
        {
            GrowthNoise.Add(model, plan, preset.Noise, world.Seed);
        }

        var (start, divergence) = (world.Loss(model), world.Divergence(model));
        var repair = isRepaired ? world.Distil(model, arm.Name + "-reverse", preset.ReverseSteps, preset.ReverseRate, world.Samples) : null;
        var (repaired, repairedDivergence) = (world.Loss(model), world.Divergence(model));
        var report = world.Learn(model, arm.Name, preset.Steps, preset.Rate / 3);
        return Record(world, arm, model, start, divergence, report, repair?.Tokens ?? 0, repair?.TrainingSeconds ?? 0) with
        {
            Repaired = isRepaired ? repaired : null,
            RepairedDivergence = isRepaired ? repairedDivergence : null,
        };
    };

    private static Func<GrowthWorld, GrowthArm, GrowthRun> Duplicated(bool isNoisy) => (world, arm) =>
    {
        var preset = world.Preset;
        var plan = preset.Growth(world.Small.Config, LayerStart.Neighbour, GrowthVariant.ZeroPadded);
        using var model = plan.Grow(world.Small, world.Seed);
        Net2Net.Duplicate(model, preset.FeedForward, world.Seed);
        if (isNoisy)
        {
            GrowthNoise.Add(model, plan, preset.Noise, world.Seed);
        }

        var (start, divergence) = (world.Loss(model), world.Divergence(model));
        return Record(world, arm, model, start, divergence, world.Learn(model, arm.Name, preset.Steps, preset.Rate / 3));
    };

    private static GrowthRun LargeFromScratch(GrowthWorld world, GrowthArm arm)
    {
        var preset = world.Preset;
        using var model = world.Random(preset.Growth(world.Small.Config, LayerStart.Random, GrowthVariant.RandomReaders).After);
        var steps = preset.Steps + (int)Math.Round(preset.SmallSteps * preset.WorkPerToken(world.Small) / preset.WorkPerToken(model));
        var (start, divergence) = (world.Loss(model), world.Divergence(model));
        return Record(world, arm, model, start, divergence, world.Learn(model, arm.Name, steps, preset.Rate));
    }

    private static GrowthRun SmallContinued(GrowthWorld world, GrowthArm arm)
    {
        var preset = world.Preset;
        using var model = GrowthPlan.Of(world.Small.Config).Grow(world.Small);
        using var larger = preset.Growth(world.Small.Config, LayerStart.Random, GrowthVariant.RandomReaders).Grow(world.Small, world.Seed);
        var steps = (int)Math.Round(preset.Steps * preset.WorkPerToken(larger) / preset.WorkPerToken(model));
        return Record(world, arm, model, world.Loss(model), 0, world.Learn(model, arm.Name, steps, preset.Rate / 3));
    }

    private static Func<GrowthWorld, GrowthArm, GrowthRun> Half(bool isCopy, Lesson lesson) => (world, arm) =>
    {
        var (preset, small) = (world.Preset, world.Small);
        var looked = EvaluationSet.OfSamples([.. TeachingText.Windows(world.Text.Train, preset.Context).Take(LookedWindows)]);
        var parameters = (long)(preset.Keep * small.parameters().Sum(parameter => parameter.numel()));
        var plan = ShrinkSearch.Best(small, UnitImportance.Of(small, looked), parameters, looked).Plan;
        using var model = isCopy ? plan.Grow(small) : world.Random(plan.After);
        var (start, divergence) = (world.Loss(model), world.Divergence(model));
        var rate = isCopy ? preset.Rate / 3 : preset.Rate;
        var report = lesson switch
        {
            Lesson.Samples => world.Distil(model, arm.Name, preset.Steps, rate, world.Samples),
            Lesson.Teacher => world.Distil(model, arm.Name, preset.Steps, rate, world.Text.Train),
            Lesson.Data => world.Learn(model, arm.Name, preset.Steps, rate),
            _ => world.Learn(model, arm.Name, preset.SmallSteps + preset.Steps, rate),
        };
        var run = Record(world, arm, model, start, divergence, report);
        return lesson == Lesson.Samples ? run with { DataTokens = 0, TeacherTokens = report.Tokens } : run;
    };

    private static GrowthRun Record(
        GrowthWorld world, GrowthArm arm, CausalLanguageModel model, double start, double divergence, TrainingReport report, long teacherTokens = 0, double seconds = 0) => new()
        {
            Arm = arm.Name,
            Seed = world.Seed,
            Parameters = Count(model),
            ParametersBefore = Count(world.Small),
            Before = world.Loss(world.Small),
            Start = start,
            StartDivergence = divergence,
            Final = report.FinalLoss ?? double.NaN,
            FinalDivergence = world.Divergence(model),
            DataTokens = report.Tokens,
            TeacherTokens = teacherTokens,
            Seconds = report.TrainingSeconds + seconds,
            Curve = report.Curve,
        };

    private static long Count(CausalLanguageModel model) => model.parameters().Sum(parameter => parameter.numel());
}
