using System.Globalization;
using System.Text.Json.Serialization;

namespace DyLoraMoe.Core.Data.Diversity;

/// <summary>How diverse data are, before anything is learnt from them.</summary>
public sealed record DiversityReport
{
    // Measured: docs/benchmarks/diversity.md says on what.
    private const double MostNearDuplicates = 0.2;
    private const double LeastDistinct = 0.1;
    private const double LeastCoverage = 1.5;

    /// <summary>Most samples that distinct n-grams and coverage are measured on: the cost of coverage is cubic, and distinct n-grams compare only between equally many.</summary>
    public const int MostMeasured = 256;

    /// <summary>Samples in all.</summary>
    public required int Samples { get; init; }

    /// <summary>Samples that distinct n-grams and coverage were measured on.</summary>
    public required int Measured { get; init; }

    /// <summary>Different tokens as a share of all.</summary>
    [JsonPropertyName("distinct_1")]
    public required double Distinct1 { get; init; }

    /// <summary>Different pairs of tokens as a share of all.</summary>
    [JsonPropertyName("distinct_2")]
    public required double Distinct2 { get; init; }

    /// <summary>Different triples of tokens as a share of all.</summary>
    [JsonPropertyName("distinct_3")]
    public required double Distinct3 { get; init; }

    /// <summary>Share of all samples that are near duplicates of one that is kept, 0 to 1 (<see cref="Diversity.NearDuplicates"/>).</summary>
    public required double NearDuplicates { get; init; }

    /// <summary>How many different prompts the measured samples effectively are to the backbone, 1 to <see cref="Measured"/> (<see cref="VendiScore"/>).</summary>
    public required double Coverage { get; init; }

    /// <summary>What is low, with what to do; empty when nothing is.</summary>
    public IReadOnlyList<string> Warnings => [.. FindWarnings()];

    /// <summary>Measures data.</summary>
    /// <param name="samples">All samples.</param>
    /// <param name="measured">At most <see cref="MostMeasured"/> of them.</param>
    /// <param name="features">Features of the measured samples' prompts, row after row.</param>
    /// <param name="width">Numbers of a row.</param>
    /// <param name="cancellation">Stops while near duplicates are looked for.</param>
    public static DiversityReport Of(
        IReadOnlyList<TokenizedSample> samples, IReadOnlyList<TokenizedSample> measured, ReadOnlySpan<float> features, int width, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentNullException.ThrowIfNull(measured);
        if (measured.Count > MostMeasured || features.Length != (long)measured.Count * width)
        {
            throw new ArgumentException($"Expected at most {MostMeasured} samples with {width} features each, found {measured.Count} samples and {features.Length} features.", nameof(measured));
        }

        var ids = measured.Select(sample => sample.Ids).ToArray();
        return new DiversityReport
        {
            Samples = samples.Count,
            Measured = measured.Count,
            Distinct1 = DistinctNgrams.Share(ids, 1),
            Distinct2 = DistinctNgrams.Share(ids, 2),
            Distinct3 = DistinctNgrams.Share(ids, 3),
            NearDuplicates = Diversity.NearDuplicates.Find([.. samples.Select(sample => sample.Ids)], cancellation: cancellation).Share,
            Coverage = VendiScore.Of(features, width),
        };
    }

    /// <summary>One line for people.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"diversity: {100 * NearDuplicates:0.0} % near duplicates of {Samples} samples; distinct n-grams {Distinct1:0.000}, {Distinct2:0.000}, {Distinct3:0.000}, coverage {Coverage:0.00} over {Measured}");

    private IEnumerable<string> FindWarnings()
    {
        if (NearDuplicates >= MostNearDuplicates)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{100 * NearDuplicates:0.0} % of the samples nearly repeat another, {100 * MostNearDuplicates:0} % or more is much: leave them out, as '--drop-duplicates' of train and learn does, and 'data.dropDuplicates' of a Skill.");
        }

        if (Distinct3 < LeastDistinct)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture, $"Only {100 * Distinct3:0.0} % of the token triples differ, less than {100 * LeastDistinct:0} % is little: give more varied data.");
        }

        if (Coverage < LeastCoverage)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture, $"To the backbone the prompts are {Coverage:0.00} different things, less than {LeastCoverage} is little: give prompts of more kinds.");
        }
    }
}
