using System.Text.Json;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Core.Tests.Lifecycle;

public sealed class HyperparameterSearchTests : IDisposable
{
    private static readonly IReadOnlyList<SearchSetting> Grid = SearchGrid.Of([("rank", [4, 8, 16]), ("seedingRate", [1e-3, 3e-3, 1e-2])]);

    private static readonly TuningData Data = TuningData.From(
        Enumerable.Range(0, 60).Select(i => Sample.Pair($"{i} ->", $" {i * i}")), new HeldOutSplit(20, 20));

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_grid_is_every_combination_in_a_fixed_order()
    {
        Assert.Equal(9, Grid.Count);
        Assert.Equal("rank=4 seedingRate=0.001", Grid[0].ToString());
        Assert.Equal("rank=4 seedingRate=0.003", Grid[1].ToString());
        Assert.Equal((16, 1e-2), (Grid[8]["rank"], Grid[8]["seedingRate"]));
        Assert.Contains("'replay'", Assert.Throws<KeyNotFoundException>(() => Grid[0]["replay"]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_finds_the_setting_whose_curve_ends_lowest()
    {
        var report = Search().Run(Curve);

        Assert.Equal((8, 3e-3), (report.Best!["rank"], report.Best["seedingRate"]));
        Assert.Equal(Curve(report.Best, 900), report.BestScore);
    }

    [Fact]
    public void Every_token_is_accounted_for()
    {
        var asked = new List<long>();
        var report = Search().Run((setting, _, budget, _, _) => Count(asked, budget, Curve(setting, budget)));
        var afresh = Search("afresh", new SearchOptions { FirstBudget = 100, TrainsOn = false }).Run(Curve);

        Assert.Equal([(0, 9, 100), (1, 3, 300), (2, 1, 900)], report.Rows.GroupBy(row => row.Rung).Select(rung => (rung.Key, rung.Count(), (int)rung.First().Budget)));
        Assert.Equal((9 * 100) + (3 * 200) + (1 * 600), report.Tokens);
        Assert.Equal((9 * 100) + (3 * 300) + (1 * 900), afresh.Tokens);
        Assert.Equal(asked.Sum(), report.Rows.Sum(row => row.Budget));
        Assert.Equal(3 + 1 + 1, report.Rows.Count(row => row.Survived));
    }

    [Theory]
    [InlineData(2, null, new[] { 9, 4, 2, 1 })]
    [InlineData(3, 2, new[] { 9, 3 })]
    [InlineData(16, null, new[] { 9, 1 })]
    public void The_field_shrinks_by_eta(int eta, int? rungs, int[] expected)
    {
        var report = Search(options: new SearchOptions { FirstBudget = 100, Eta = eta, Rungs = rungs }).Run(Curve);

        Assert.Equal(expected, report.Rows.GroupBy(row => row.Rung).Select(rung => rung.Count()));
        Assert.Single(report.Rows, row => row.Rung == expected.Length - 1 && row.Survived);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(11)]
    [InlineData(12)]
    public void A_killed_search_goes_on_and_ends_the_same(int evaluations)
    {
        var straight = Search("straight").Run(Curve);

        var done = 0;
        Assert.Throws<TimeoutException>(() => Search("killed").Run((setting, _, budget, _, _) => done++ < evaluations ? Curve(setting, budget) : throw new TimeoutException()));
        var after = 0;
        var resumed = Search("killed").Run((setting, _, budget, _, _) =>
        {
            after++;
            return Curve(setting, budget);
        });

        Assert.Equal(13 - evaluations, after);
        Assert.Equal(JsonSerializer.Serialize(straight), JsonSerializer.Serialize(resumed));
    }

    [Fact]
    public void A_setting_has_one_folder_for_all_its_rungs()
    {
        Search().Run((setting, _, budget, folder, _) =>
        {
            var trained = Path.Combine(folder, "tokens");
            var before = File.Exists(trained) ? long.Parse(File.ReadAllText(trained), System.Globalization.CultureInfo.InvariantCulture) : 0;
            Assert.Equal(budget == 100 ? 0 : budget / 3, before);
            File.WriteAllText(trained, budget.ToString(System.Globalization.CultureInfo.InvariantCulture));
            return Curve(setting, budget);
        });
    }

    [Fact]
    public void Ties_go_to_the_first_in_the_grid() => Assert.Equal(0, Search().Run((_, _, _, _, _) => 1).Best!.Index);

    [Fact]
    public void A_setting_that_diverges_never_wins()
    {
        var report = Search().Run((setting, _, budget, _, _) => setting.Index switch
        {
            0 => double.NaN,
            1 => throw new TrainingDivergedException(3, "The loss"),
            _ => Curve(setting, budget),
        });

        Assert.All(report.Rows.Where(row => row.Setting.Index < 2), row => Assert.Equal((null, false, 0), (row.Score, row.Survived, row.Rung)));
        Assert.Null(Search("all").Run((_, _, _, _, _) => double.PositiveInfinity).Best);
    }

    [Fact]
    public void A_folder_of_another_search_is_refused()
    {
        Search().Run(Curve);

        Assert.Contains("another search", Assert.Throws<InvalidDataException>(() => Search(options: new SearchOptions { FirstBudget = 50 }).Run(Curve)).Message, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(_folder["search"], "search.json"), "{");
        Assert.Contains("damaged", Assert.Throws<InvalidDataException>(() => Search().Run(Curve)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Test_samples_never_reach_an_evaluation()
    {
        var split = new HeldOutSplit(20, 20);
        Search().Run((setting, data, budget, _, _) =>
        {
            Assert.All(data.Train, sample => Assert.Equal(SplitPart.Train, split.PartOf(sample)));
            Assert.All(data.Validation, sample => Assert.Equal(SplitPart.HeldOut, split.PartOf(sample)));
            return Curve(setting, budget);
        });

        Assert.Throws<ArgumentException>(() => TuningData.From([Sample.Pair("a", "b")], split));
    }

    [Fact]
    public void It_stops_when_asked_and_keeps_what_it_knows()
    {
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Search().Run(
            (setting, _, budget, _, _) =>
            {
                stop.Cancel();
                return Curve(setting, budget);
            },
            cancellation: stop.Token));

        Assert.True(File.Exists(Path.Combine(_folder["search"], "search.json")));
    }

    public void Dispose() => _folder.Dispose();

    // The lowest asymptote is at rank 8 and 3e-3; higher rates lead at first.
    private static double Curve(SearchSetting setting, long budget) =>
        Math.Abs(Math.Log2(setting["rank"] / 8)) + Math.Abs(Math.Log10(setting["seedingRate"] / 3e-3)) + (10 / Math.Sqrt(budget) / (1 + (setting["seedingRate"] * 10)));

    private static double Curve(SearchSetting setting, TuningData data, long budget, string folder, CancellationToken cancellation) => Curve(setting, budget);

    private static double Count(List<long> asked, long budget, double score)
    {
        asked.Add(budget);
        return score;
    }

    private HyperparameterSearch Search(string name = "search", SearchOptions? options = null) =>
        new(Grid, Data, options ?? new SearchOptions { FirstBudget = 100 }, _folder[name]);
}
