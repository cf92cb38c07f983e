using System.Globalization;
using System.Text.RegularExpressions;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Tests.Jobs;

/// <summary>What the reference says of a recipe that leaves everything out.</summary>
public partial class RecipeDefaultsTests
{
    [Fact]
    public void The_reference_tells_what_a_recipe_is_that_says_nothing()
    {
        var page = File.ReadAllText(Path.Combine(SharedFiles.RepositoryRoot, "docs", "reference", "skill.md"));
        var told = Row().Matches(page).ToDictionary(
            match => match.Groups[1].Value,
            match => match.Groups[2].Success ? match.Groups[2].Value : match.Groups[3].Value);
        var (experts, run) = (new LearningPolicy().Experts, new RunSettings());

        Assert.Equal(
            new SortedDictionary<string, double>
            {
                ["batchSize"] = experts.Training.Rows,
                ["checkpointSeconds"] = run.CheckpointEvery.TotalSeconds,
                ["consolidationRate"] = experts.Training.Consolidation.Rate,
                ["replayPercent"] = experts.ReplayPercent,
                ["rollbacks"] = experts.Training.Rollback?.MaxRollbacks ?? 0,
                ["seed"] = experts.Training.Seed,
                ["seedingRate"] = experts.Training.Seeding.Rate,
                ["steps"] = experts.Training.MaxSteps!.Value,
            },
            new SortedDictionary<string, double>(told.ToDictionary(pair => pair.Key, pair => double.Parse(pair.Value, CultureInfo.InvariantCulture))));
    }

    [GeneratedRegex("""^\| `training\.recipe\.(\w+)` \|[^|]*\|[^|]*\|.*?(?:The trainer's default is ([0-9]+)|such as "([-0-9e]+)", which is the trainer's default)""", RegexOptions.Multiline)]
    private static partial Regex Row();
}
