namespace DyLoraMoe.Benchmarks.Growth;

/// <summary>
/// Is noise with distillation in reverse worth it after growth, and is a smaller copy of a model better than a small model from nothing, with the
/// same tokens? What has been measured is kept beside the report, so that it goes on where it was.
/// </summary>
internal static class GrowthComparison
{
    public static int Run(Settings settings)
    {
        var preset = settings.Has("quick") ? GrowthPreset.Quick : GrowthPreset.Full;
        var folder = Path.Combine(settings.Text("out", "artifacts/bench-growth"), preset.Name);
        var page = settings.Text("report", Path.Combine(folder, "growth.md"));
        var runs = new GrowthRuns(folder, page);
        if (!settings.Has("measured"))
        {
            Measure(settings, preset, folder, runs);
        }

        runs.Keep();
        new GrowthReport(preset, runs.All).Write(page);
        Console.Write(File.ReadAllText(page));
        return 0;
    }

    // One seed or some arms alone, so that several processes of one thread share the work.
    private static void Measure(Settings settings, GrowthPreset preset, string folder, GrowthRuns runs)
    {
        var (seeds, one, names) = (settings.Number("seeds", 5), settings.Number("seed", 0), settings.Text("arms", ""));
        var arms = GrowthArms.All.Where(arm => names.Length == 0 || names.Split(',').Contains(arm.Name, StringComparer.Ordinal)).ToList();
        var text = GrowthWorld.Read(settings.Text("model", "models/dylora-tiny"), preset);
        Console.Error.WriteLine($"{text.Train.Length:N0} tokens, {arms.Count} arms, {preset.Name}");
        foreach (var seed in one > 0 ? [one] : Enumerable.Range(1, seeds))
        {
            using var world = new GrowthWorld(preset, text, folder, seed);
            arms.ForEach(arm => runs.Measure(arm.Name, seed, () => arm.Run(world, arm)));
        }
    }
}
