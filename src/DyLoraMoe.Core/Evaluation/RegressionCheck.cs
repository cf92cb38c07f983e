using System.ComponentModel.DataAnnotations;
using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Core.Evaluation;

/// <summary>
/// Whether a candidate set of experts and router may replace the active one: on every skill's held-out data the loss must not have
/// risen by more than the budget, shown by a paired bootstrap over samples (both saw the same ones, so what is hard for both
/// cancels). Not shown is refused too, for what is served must not get worse by bad luck.
/// </summary>
/// <remarks>
/// Exact match is judged by its own figure rather than by the bound: on a hundred samples its interval is wider than any useful
/// budget, and the loss of the same samples already carries the proof.
/// </remarks>
public static class RegressionCheck
{
    internal const string LossMeasure = "nats/token";
    internal const string MatchMeasure = "exact match %";

    /// <summary>Compares two configurations.</summary>
    /// <param name="active">Results of what is served now, one entry a skill.</param>
    /// <param name="candidate">Results of the candidate on the same samples in the same order. It may know more skills, not fewer.</param>
    /// <param name="budget">What is allowed; the defaults when null.</param>
    /// <param name="isLearnt">
    /// Which of the skills the candidate has just learnt; none when null. Nobody has been promised anything of them, so they are refused only where the
    /// difference itself is beyond ten times the budget, and need no proof: an expert that does about as well as what answered before is no harm.
    /// </param>
    /// <exception cref="ArgumentException">A skill has no held-out samples, or the two were not measured on the same ones.</exception>
    public static RegressionReport Compare(IReadOnlyList<SkillResult> active, IReadOnlyList<SkillResult> candidate, RegressionBudget? budget = null, Func<string, bool>? isLearnt = null)
    {
        ArgumentNullException.ThrowIfNull(active);
        ArgumentNullException.ThrowIfNull(candidate);
        budget ??= new RegressionBudget();
        Validator.ValidateObject(budget, new ValidationContext(budget), validateAllProperties: true);
        if (active.Count == 0)
        {
            throw new ArgumentException("There is no skill to compare on; the first set of experts needs no check.", nameof(active));
        }

        var candidates = candidate.ToDictionary(result => result.Skill, StringComparer.Ordinal);
        return new RegressionReport([.. active.SelectMany(old => candidates.TryGetValue(old.Skill, out var now)
            ? isLearnt?.Invoke(old.Skill) is true ? Rows(old, now, budget.ForLearnt).Select(AsLearnt) : Rows(old, now, budget)
            : throw new ArgumentException($"The candidate was not measured on the skill '{old.Skill}'.", nameof(candidate)))]);
    }

    /// <summary>
    /// Skills that a candidate would serve worse than they were served at their best, by more than they may lose in all: steps that are each within the budget
    /// must not add up over the years. By the losses themselves, since every step has been proven.
    /// </summary>
    /// <param name="candidate">Results of the candidate.</param>
    /// <param name="best">What a skill is held to on the same samples, in nats per token (<see cref="RegressionBudget.Binding"/>); null where that is not known.</param>
    /// <param name="budget">What is allowed.</param>
    public static IReadOnlyList<RegressionRow> BeyondBest(IReadOnlyList<SkillResult> candidate, Func<string, double?> best, RegressionBudget budget)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        ArgumentNullException.ThrowIfNull(best);
        ArgumentNullException.ThrowIfNull(budget);
        return [.. candidate.SelectMany(result => best(result.Skill) is { } least ? Lost(result, least, budget) : [])];
    }

    private static IEnumerable<RegressionRow> Lost(SkillResult candidate, double best, RegressionBudget budget)
    {
        var (now, allowed) = (new EvaluationReport(candidate.Losses).Loss, budget.Lasting * budget.Rise(best));
        return now - best <= allowed
            ? []
            : [new RegressionRow(candidate.Skill, LossMeasure, best, now, now - best, now - best, allowed, candidate.Losses.Count, RegressionVerdict.Worse) { IsAgainstBest = true }];
    }

    // Nothing has to be proven of it: a difference within its budget will do.
    private static RegressionRow AsLearnt(RegressionRow row) =>
        row with { IsLearnt = true, Verdict = row.Verdict == RegressionVerdict.Worse ? RegressionVerdict.Worse : RegressionVerdict.Kept };

    private static IEnumerable<RegressionRow> Rows(SkillResult active, SkillResult candidate, RegressionBudget budget)
    {
        yield return Loss(active, candidate, budget);
        if (active.Correct is { } before)
        {
            yield return Match(
                active.Skill, before, candidate.Correct ?? throw new ArgumentException($"Exact match of the skill '{active.Skill}' was measured for the active configuration only; measure the candidate's too."), budget);
        }
    }

    private static RegressionRow Loss(SkillResult active, SkillResult candidate, RegressionBudget budget)
    {
        RequirePairs(active.Skill, active.Losses.Count, candidate.Losses.Count);
        var tokens = active.Losses.Select(loss => (double)loss.Tokens).ToArray();
        if (tokens.Sum() == 0 || !active.Losses.Select(loss => loss.Tokens).SequenceEqual(candidate.Losses.Select(loss => loss.Tokens)))
        {
            throw new ArgumentException($"Active and candidate were scored on different tokens of the skill '{active.Skill}', or on none; score the same held-out samples with both.");
        }

        var rises = active.Losses.Zip(candidate.Losses, (a, c) => c.Nats - a.Nats).ToArray();
        var (before, after) = (active.Losses.Sum(loss => loss.Nats) / tokens.Sum(), candidate.Losses.Sum(loss => loss.Nats) / tokens.Sum());
        var allowed = budget.Rise(before);
        var (low, high) = Interval(active.Skill, rises, tokens, budget);

        // Written so that a loss that is not a number is never kept.
        var verdict = high <= allowed && after - before <= allowed ? RegressionVerdict.Kept
            : after - before <= allowed ? RegressionVerdict.Unproven
            : RegressionVerdict.Worse;
        return new RegressionRow(active.Skill, LossMeasure, before, after, low, high, allowed, rises.Length, verdict);
    }

    private static RegressionRow Match(string skill, IReadOnlyList<bool> active, IReadOnlyList<bool> candidate, RegressionBudget budget)
    {
        RequirePairs(skill, active.Count, candidate.Count);
        var changes = active.Zip(candidate, (a, c) => 100.0 * ((c ? 1 : 0) - (a ? 1 : 0))).ToArray();
        var allowed = Math.Max(budget.Points, 100.0 / changes.Length);
        var (low, high) = Interval(skill + "/match", changes, [.. changes.Select(_ => 1.0)], budget);
        var (before, after) = (100.0 * active.Count(flag => flag) / changes.Length, 100.0 * candidate.Count(flag => flag) / changes.Length);
        var verdict = before - after <= allowed + 1e-9 ? RegressionVerdict.Kept : RegressionVerdict.Worse;
        return new RegressionRow(skill, MatchMeasure, before, after, low, high, allowed, changes.Length, verdict);
    }

    // Percentiles of Σ changes / Σ weights over resampled pairs, widened by √(n/(n−1)) since a bootstrap of few samples is too narrow.
    private static (double Low, double High) Interval(string purpose, double[] changes, double[] weights, RegressionBudget budget)
    {
        var point = changes.Sum() / weights.Sum();
        if (changes.Length == 1 || !double.IsFinite(point))
        {
            return (point, point);
        }

        var random = new SeededRandom(budget.Seed, SeededRandom.Key(purpose));
        var ratios = new double[budget.Resamples];
        for (var i = 0; i < ratios.Length; i++)
        {
            var (change, weight) = (0.0, 0.0);
            for (var k = 0; k < changes.Length; k++)
            {
                var at = random.Next(changes.Length);
                change += changes[at];
                weight += weights[at];
            }

            ratios[i] = weight > 0 ? change / weight : point;
        }

        Array.Sort(ratios);
        var widening = Math.Sqrt(changes.Length / (changes.Length - 1.0));
        return (point + (widening * (Percentile(1 - budget.Confidence) - point)), point + (widening * (Percentile(budget.Confidence) - point)));

        double Percentile(double share) => ratios[(int)Math.Clamp(Math.Ceiling(share * ratios.Length) - 1, 0, ratios.Length - 1)];
    }

    private static void RequirePairs(string skill, int active, int candidate)
    {
        if (active == 0 || active != candidate)
        {
            throw new ArgumentException($"The skill '{skill}' has {active} held-out results for the active and {candidate} for the candidate configuration; expected the same number, at least one. An empty set proves nothing.");
        }
    }
}
