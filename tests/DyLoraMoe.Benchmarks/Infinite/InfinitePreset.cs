using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Growth.Infinite;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Benchmarks.Infinite;

/// <summary>How large the comparison is.</summary>
internal sealed record InfinitePreset
{
    /// <summary>What is looked for.</summary>
    public static IReadOnlyList<UnitAxis> Axes { get; } = [UnitAxis.Rank, UnitAxis.FeedForward, UnitAxis.Depth];

    /// <summary>The comparison.</summary>
    public static InfinitePreset Full { get; } = new();

    /// <summary>The same in a minute, to see that it runs; its figures say nothing.</summary>
    public static InfinitePreset Quick { get; } = new() { Name = "quick", Shortening = 40, CostSteps = 4 };

    public string Name { get; init; } = "full";

    /// <summary>Divides all steps.</summary>
    public int Shortening { get; init; } = 1;

    /// <summary>Steps of a measurement of cost.</summary>
    public int CostSteps { get; init; } = 40;

    /// <summary>Rows of a step. A pull weighs how steady gradients are, so that noise counts as gravity does; those of whole layers and neurons need more than those of a low-rank update.</summary>
    public static int Rows(UnitAxis axis) => axis == UnitAxis.Rank ? 4 : 16;

    public int Context { get; init; } = 16;

    /// <summary>Random tokens that windows are drawn from.</summary>
    public int Tokens { get; init; } = 100_000;

    /// <summary>Standard deviation of the teacher expert's second factors.</summary>
    public double ExpertScale { get; init; } = 0.5;

    /// <summary>Whole layers resist less steadily than neurons or ranks do.</summary>
    public static IReadOnlyList<double> Gravities(UnitAxis axis) => axis == UnitAxis.Depth ? [0.0125, 0.025, 0.05] : [0.05, 0.1, 0.2];

    /// <summary>The strength at which fixed sizes are compared and pictures drawn.</summary>
    public static double UsualGravity(UnitAxis axis) => Gravities(axis)[1];

    /// <summary>First layers of the teacher that every student of depth has from the start: layers come at the end, and five random ones at once are learnt by none.</summary>
    public const int KnownLayers = 2;

    /// <summary>How much louder than others' the embeddings of the teacher of depth are, so that what its layers write adds up rather than drowns what it is written on.</summary>
    public const double Loudness = 3;

    /// <summary>The first of the seeds that are reported. Settings were chosen with seeds below it.</summary>
    public static int FirstSeed(UnitAxis axis) => axis == UnitAxis.Depth ? 21 : 11;

    public int Steps(UnitAxis axis) => 3000 / Shortening;

    public static int TeacherSize(UnitAxis axis) => axis switch
    {
        UnitAxis.FeedForward => 12,
        UnitAxis.Depth => 5,
        _ => 6,
    };

    public static int Below(UnitAxis axis) => axis == UnitAxis.Depth ? KnownLayers : TeacherSize(axis) / 3;

    public static int Above(UnitAxis axis) => 2 * TeacherSize(axis);

    public static IReadOnlyList<int> FixedSizes(UnitAxis axis) => axis switch
    {
        UnitAxis.FeedForward => [6, 9, 12, 18, 24],
        UnitAxis.Depth => [3, 4, 5, 7, 10],
        _ => [3, 4, 6, 9, 12],
    };

    public static ModelConfig Shape(UnitAxis axis) => new()
    {
        Family = ModelFamily.Llama,
        HiddenSize = 24,
        IntermediateSize = axis == UnitAxis.Depth ? 8 : 12,
        Layers = axis == UnitAxis.Depth ? TeacherSize(axis) : 1,
        Heads = 2,
        KeyValueHeads = 2,
        HeadSize = 12,
        VocabularySize = 64,
        MaxPositions = 128,
    };

    /// <summary>Highest rate. Where it is so high that losses stop falling until it falls, boundaries feel no pressure either.</summary>
    public static double Rate(UnitAxis axis) => axis == UnitAxis.Rank ? 2e-2 : 5e-3;

    public TrainingOptions Training(UnitAxis axis, int steps, int seed) => new()
    {
        Seeding = new SeedingOptions { Rate = Rate(axis), WarmUpSteps = 20, MaxSteps = Math.Max(20, steps / 2), PlateauPatience = null },
        Consolidation = new ConsolidationOptions { Rate = Rate(axis), FinalRate = Rate(axis) / 100 },
        MaxSteps = steps,
        Rows = Rows(axis),
        Context = Context,
        Loss = LossOn.Everything,
        KeepBest = false,
        Seed = seed,
    };

    public static double Lasso(UnitAxis axis) => axis switch { UnitAxis.Rank => 0.1, UnitAxis.FeedForward => 0.17, _ => 0.055 };

    public static InfiniteOptions Forces(UnitAxis axis, double gravity) => new()
    {
        Axes = [new AxisOptions(axis) { Ramp = axis == UnitAxis.FeedForward ? 2 : null }],
        Gravity = gravity,
        Lasso = Lasso(axis),
    };

    /// <summary>A size that stays: the same training without forces.</summary>
    public static InfiniteOptions Fixed(UnitAxis axis, int size) => new()
    {
        Axes = [new AxisOptions(axis) { Ramp = 1e-3, Least = size, Most = size }],
        Gravity = 0,
        Lasso = 0,
        PullEvery = 1000,
        ReviewEvery = int.MaxValue,
        Negligible = 0,
    };
}
