using DyLoraMoe.Core.Growth.Infinite;

namespace DyLoraMoe.Benchmarks.Infinite;

/// <summary>
/// Does a formally infinite network find the rank, the width and the depth of a teacher, from below and from above? How do the students compare
/// with fixed sizes that cost as much, and what do the forces cost? One file a student, so that it goes on where it was.
/// </summary>
internal static class InfiniteComparison
{
    public static int Run(Settings settings)
    {
        var preset = settings.Has("quick") ? InfinitePreset.Quick : InfinitePreset.Full;
        var (seeds, one) = (settings.Number("seeds", 5), settings.Number("seed", 0));
        var folder = Path.Combine(settings.Text("out", "artifacts/bench-infinite"), preset.Name);
        var (files, report) = (new InfiniteTrials(folder, settings.Has("measured")), settings.Text("report", Path.Combine(folder, "infinite.md")));
        var axes = InfinitePreset.Axes.Where(axis => settings.Text("axis", $"{axis}") == $"{axis}").ToList();
        var trials = new List<InfiniteTrial>();
        Measure((axis, world, seed) => Free(files, preset, axis, world, seed));
        Measure((axis, world, seed) => Fixed(files, preset, axis, world, seed, trials));
        var cost = InfiniteCost.Measure(preset, Path.Combine(folder, "cost.json"));
        new InfiniteReport(preset, trials, cost).Write(report);
        Console.Write(File.ReadAllText(report));
        return 0;

        void Measure(Func<UnitAxis, InfiniteWorld, int, IEnumerable<InfiniteTrial>> students)
        {
            foreach (var axis in axes)
            {
                // One seed alone, so that several processes of one thread share the work.
                foreach (var seed in one > 0 ? [one] : Enumerable.Range(InfinitePreset.FirstSeed(axis), seeds))
                {
                    using var world = new InfiniteWorld(preset, axis, seed);
                    trials.AddRange([.. students(axis, world, seed)]);
                }
            }
        }
    }

    private static IEnumerable<InfiniteTrial> Free(InfiniteTrials files, InfinitePreset preset, UnitAxis axis, InfiniteWorld world, int seed) =>
        (from gravity in InfinitePreset.Gravities(axis)
         from start in new[] { InfinitePreset.Below(axis), InfinitePreset.Above(axis) }
         select files.Of(
             FormattableString.Invariant($"{axis}-gravity{gravity}-from{start}-seed{seed}"),
             () => Trial(axis, gravity, start, seed, preset.Steps(axis), world.Learn(start, InfinitePreset.Forces(axis, gravity), preset.Steps(axis))))).OfType<InfiniteTrial>();

    // As many steps as the students that found their size could have taken at this one, for as much work: a token passes each weight
    // forwards and back, and once more for the gradient of one that trains.
    private static IEnumerable<InfiniteTrial> Fixed(InfiniteTrials files, InfinitePreset preset, UnitAxis axis, InfiniteWorld world, int seed, List<InfiniteTrial> trials)
    {
        var budget = trials.Where(trial => trial.Axis == axis && trial.Seed == seed && trial.Gravity == InfinitePreset.UsualGravity(axis))
            .Select(trial => (3 * trial.WeightSteps) + (2.0 * world.FrozenWeights * trial.Steps)).DefaultIfEmpty(0).Average();
        return InfinitePreset.FixedSizes(axis).Select(size => files.Of(FormattableString.Invariant($"{axis}-fixed{size}-seed{seed}"), () =>
        {
            var steps = Math.Max(1, (int)(budget / ((3 * world.Weights(size)) + (2 * world.FrozenWeights))));
            return Trial(axis, null, size, seed, steps, world.Learn(size, InfinitePreset.Fixed(axis, size), steps));
        })).OfType<InfiniteTrial>();
    }

    private static InfiniteTrial Trial(UnitAxis axis, double? gravity, int start, int seed, int steps, (Core.Growth.Infinite.InfiniteReport Report, double Divergence) result) => new()
    {
        Axis = axis,
        Gravity = gravity,
        Start = start,
        Seed = seed,
        Found = result.Report.Sizes[axis],
        Divergence = result.Divergence,
        Steps = steps,
        WeightSteps = result.Report.WeightSteps,
        Seconds = result.Report.TrainingSeconds,
        Trace = result.Report.Trace,
    };
}
