using System.Text.Json;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.Diversity;
using DyLoraMoe.Core.Features;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Data.Diversity;

public class DiversityReportTests
{
    [Fact]
    public void Distinct_ngrams_are_a_share_of_all()
    {
        int[][] ids = [[1, 2, 1, 2], [1, 2, 3]];

        Assert.Equal(3 / 7.0, DistinctNgrams.Share(ids, 1), 1e-12);
        Assert.Equal(3 / 5.0, DistinctNgrams.Share(ids, 2), 1e-12);
        Assert.Equal(3 / 3.0, DistinctNgrams.Share(ids, 3), 1e-12);
        Assert.Equal(0, DistinctNgrams.Share(ids, 5));
    }

    [Fact]
    public void One_sample_over_and_over_is_warned_of_in_every_way()
    {
        var report = DiversityGauge.Of([.. Enumerable.Repeat(Sample(1), 400)], prompts => ones(prompts.Count, 8));

        Assert.Equal((400, DiversityReport.MostMeasured), (report.Samples, report.Measured));
        Assert.Equal(399 / 400.0, report.NearDuplicates, 1e-12);
        Assert.Equal(1, report.Coverage, 1e-6);
        Assert.Collection(
            report.Warnings,
            warning => Assert.Contains("--drop-duplicates", warning, StringComparison.Ordinal),
            warning => Assert.Contains("triples", warning, StringComparison.Ordinal),
            warning => Assert.Contains("1.00 different", warning, StringComparison.Ordinal));
    }

    [Fact]
    public void Varied_samples_pass_without_a_warning()
    {
        var report = DiversityGauge.Of([.. Enumerable.Range(0, 100).Select(Sample)], prompts => eye(prompts.Count));

        Assert.Equal(100, report.Coverage, 1e-6);
        Assert.Equal((0, 1, 1), (report.NearDuplicates, report.Distinct1, report.Distinct3));
        Assert.Empty(report.Warnings);
        Assert.Equal("diversity: 0.0 % near duplicates of 100 samples; distinct n-grams 1.000, 1.000, 1.000, coverage 100.00 over 100", report.ToString());
    }

    [Fact]
    public void Its_JSON_names_what_a_number_belongs_to_and_reads_back()
    {
        var report = DiversityGauge.Of([.. Enumerable.Range(0, 10).Select(Sample)], prompts => eye(prompts.Count));

        var json = JsonSerializer.Serialize(report, JsonSnake);

        Assert.Contains("\"distinct_1\":1,\"distinct_2\":1,\"distinct_3\":1,\"near_duplicates\":0,", json, StringComparison.Ordinal);
        Assert.Equal(report.ToString(), JsonSerializer.Deserialize<DiversityReport>(json, JsonSnake)!.ToString());
    }

    private static JsonSerializerOptions JsonSnake { get; } = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow };

    private static TokenizedSample Sample(int index) => TokenizedSample.Whole([.. Enumerable.Range(12 * index, 12)]);
}
