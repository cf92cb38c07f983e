namespace DyLoraMoe.Benchmarks.Growth;

/// <summary>
/// Is noise with distillation in reverse worth it after growth, and is a smaller copy of a model better than a small model from nothing, with the
/// same tokens? One file a run, so that it goes on where it was.
/// </summary>
internal static class GrowthComparison
{
    public static int Run(Settings settings)
    {
        var preset = settings.Has("quick") ? GrowthPreset.Quick : GrowthPreset.Full;
        var (seeds, one, report) = (settings.Number("seeds", 5), settings.Number("seed", 0), settings.Text("report", ""));
        var folder = Path.Combine(settings.Text("out", "artifacts/bench-growth"), preset.Name);
        var text = GrowthWorld.Read(settings.Text("model", "models/dylora-tiny"), preset);
        Console.Error.WriteLine($"{text.Train.Length:N0} tokens, {seeds} seeds, {preset.Name}");
        var (files, runs) = (new GrowthRuns(folder), new List<GrowthRun>());

        // One seed alone, so that several processes of one thread share the work.
        foreach (var seed in one > 0 ? [one] : Enumerable.Range(1, seeds))
        {
            using var world = new GrowthWorld(preset, text, folder, seed);
            runs.AddRange(GrowthArms.Larger.Concat(GrowthArms.Smaller).Select(arm => files.Of(arm.Name, seed, () => arm.Run(world, arm))));
        }

        var page = report.Length > 0 ? report : Path.Combine(folder, "growth.md");
        new GrowthReport(preset, runs).Write(page);
        Console.Write(File.ReadAllText(page));
        return 0;
    }
}
