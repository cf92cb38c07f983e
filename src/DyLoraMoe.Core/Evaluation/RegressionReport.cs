using System.Globalization;
using System.Text;

namespace DyLoraMoe.Core.Evaluation;

/// <summary>Held-out results of one skill under one configuration, sample by sample.</summary>
/// <param name="Skill">The skill's name.</param>
/// <param name="Losses">One per held-out sample.</param>
/// <param name="Correct">One exact-match flag per sample that has an answer; null when that was not measured.</param>
public sealed record SkillResult(string Skill, IReadOnlyList<SampleLoss> Losses, IReadOnlyList<bool>? Correct = null);

/// <summary>What the check says of one skill.</summary>
public enum RegressionVerdict
{
    /// <summary>The bound of the difference is within the budget.</summary>
    Kept,

    /// <summary>The difference itself is within the budget, but its bound is not: more held-out samples would tell.</summary>
    Unproven,

    /// <summary>The difference is beyond the budget.</summary>
    Worse,
}

/// <summary>One measure of one skill. Differences are candidate less active, so that more is worse for losses and better for exact match.</summary>
/// <param name="Skill">The skill.</param>
/// <param name="Measure"><c>nats/token</c> or <c>exact match %</c>.</param>
/// <param name="Active">The active configuration's figure.</param>
/// <param name="Candidate">The candidate's figure.</param>
/// <param name="Low">Lower end of the difference's interval.</param>
/// <param name="High">Upper end of the difference's interval.</param>
/// <param name="Budget">How much worse was allowed, positive.</param>
/// <param name="Samples">Samples that both were measured on.</param>
/// <param name="Verdict">The verdict.</param>
public sealed record RegressionRow(
    string Skill, string Measure, double Active, double Candidate, double Low, double High, double Budget, int Samples, RegressionVerdict Verdict)
{
    /// <summary>Candidate less active.</summary>
    public double Difference => Candidate - Active;

    /// <summary>Whether the candidate has just learnt the skill: then the active figure is that of what answered before it was learnt.</summary>
    public bool IsLearnt { get; init; }

    /// <summary>Whether the active figure is the best with which the skill was ever served, rather than that of what serves now.</summary>
    public bool IsAgainstBest { get; init; }
}

/// <summary>A candidate configuration against the active one on every skill.</summary>
/// <param name="Rows">Every measure of every skill.</param>
public sealed record RegressionReport(IReadOnlyList<RegressionRow> Rows)
{
    /// <summary>Whether every skill was kept.</summary>
    public bool IsAccepted => Rows.All(row => row.Verdict == RegressionVerdict.Kept);

    /// <summary>The skills that would be refused for want of samples alone: none of their figures is beyond its budget.</summary>
    public IEnumerable<string> Unproven => Rows.GroupBy(row => row.Skill, StringComparer.Ordinal).Where(rows => rows.Max(row => row.Verdict) == RegressionVerdict.Unproven).Select(rows => rows.Key);

    /// <summary>The row that is furthest beyond its budget; null when all were kept.</summary>
    public RegressionRow? Worst => Rows.Where(row => row.Verdict != RegressionVerdict.Kept)
        .OrderByDescending(row => row.Verdict).ThenByDescending(Excess).ThenBy(row => row.Skill, StringComparer.Ordinal).FirstOrDefault();

    /// <summary>One sentence: accepted, or refused by the worst skill with its figures.</summary>
    public string Summary => Worst is not { } worst
        ? $"accepted: no skill of {Rows.Select(row => row.Skill).Distinct(StringComparer.Ordinal).Count()} got worse than its budget"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"refused: {worst.Skill} {(worst.IsLearnt ? "itself gains nothing: it " : "")}goes from {worst.Active:0.0000}{(worst.IsAgainstBest ? " at its best" : "")} to {worst.Candidate:0.0000} {worst.Measure} ({worst.Difference:+0.0000;-0.0000;0.0000}, interval {worst.Low:+0.0000;-0.0000;0.0000} to {worst.High:+0.0000;-0.0000;0.0000}), budget {worst.Budget:0.0000}{(worst.Verdict == RegressionVerdict.Unproven ? $"; {worst.Samples} samples are too few to tell" : "")}{(worst.IsLearnt ? "; give it more data, or a lower rate" : "")}");

    /// <summary>A plain-text table: skill, measure, active, candidate, difference, interval, budget, verdict.</summary>
    public string ToTable()
    {
        var culture = CultureInfo.InvariantCulture;
        string[] head = ["skill", "measure", "active", "candidate", "difference", "interval", "budget", "samples", "verdict"];
        var cells = Rows.Select(row => new[]
        {
            row.Skill, row.IsAgainstBest ? row.Measure + " at best" : row.Measure, row.Active.ToString("0.0000", culture), row.Candidate.ToString("0.0000", culture), Signed(row.Difference),
            $"{Signed(row.Low)}..{Signed(row.High)}", row.Budget.ToString("0.0000", culture), row.Samples.ToString(culture), row.Verdict.ToString().ToLowerInvariant(),
        }).Prepend(head).ToList();
        var widths = head.Select((_, column) => cells.Max(line => line[column].Length)).ToArray();
        var table = new StringBuilder();
        foreach (var line in cells)
        {
            table.AppendLine(string.Join("  ", line.Select((cell, column) => column < 2 || column == line.Length - 1 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))).TrimEnd());
        }

        return table.ToString();

        string Signed(double value) => value.ToString("+0.0000;-0.0000;0.0000", culture);
    }

    private static double Excess(RegressionRow row) =>
        double.IsNaN(row.Difference) ? double.PositiveInfinity
        : (row.Measure == RegressionCheck.LossMeasure ? row.Difference : -row.Difference) / Math.Max(row.Budget, 1e-12);
}
