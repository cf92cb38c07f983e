using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace DyLoraMoe.Core.Lifecycle;

/// <summary>
/// Maturity from evidence: <c>m = min(gain, flatness, routing, samples)</c>, smoothed over evidence, with hysteresis. An expert is
/// mature when it clearly helps, has stopped to improve, gets its own requests, and has seen enough. Time and steps do not count.
/// Why it is so: <c>docs/decisions/0009-what-maturity-means.md</c>.
/// </summary>
public sealed record MaturityPolicy
{
    /// <summary>Share of the backbone's loss that the expert must remove. A tenth says that it helps; whether it could help more, flatness says.</summary>
    [Range(1e-6, 1.0)]
    public double TargetGainShare { get; init; } = 0.1;

    /// <summary>The target gain in nats per token, in place of <see cref="TargetGainShare"/>; null for the share.</summary>
    [Range(1e-9, 1e6)]
    public double? TargetGainNats { get; init; }

    /// <summary>Evaluations at the end of a run over which flatness is measured. Three are the fewest whose slope is not one difference.</summary>
    [Range(2, 1000)]
    public int FlatEvaluations { get; init; } = 3;

    /// <summary>Different samples needed; the default is twice the batch on which novelty is decided.</summary>
    [Range(1L, long.MaxValue)]
    public long SamplesNeeded { get; init; } = 64;

    /// <summary>Weight of the past in the smoothed value, from the second update on. Half: the value follows the evidence and does not jump with it.</summary>
    [Range(0.0, 0.999)]
    public double Smoothing { get; init; } = 0.5;

    /// <summary>The value at which an expert becomes mature.</summary>
    [Range(0.0, 1.0)]
    public double MatureAt { get; init; } = 0.9;

    /// <summary>The value below which a mature expert is so no longer, once its evidence is below it for the second time in a row.</summary>
    [Range(0.0, 1.0)]
    public double ImmatureBelow { get; init; } = 0.7;

    /// <summary>Checks every value, and that the two thresholds leave room between them.</summary>
    /// <exception cref="ValidationException">One is out of range; the message names it.</exception>
    public void Validate()
    {
        Validator.ValidateObject(this, new ValidationContext(this), validateAllProperties: true);
        if (ImmatureBelow > MatureAt || MatureAt == 0)
        {
            throw new ValidationException($"ImmatureBelow is {ImmatureBelow} and MatureAt {MatureAt}; expected the first to be at most the second, and that above 0.");
        }
    }

    /// <summary>The components that evidence gives, before smoothing.</summary>
    /// <param name="evidence">What is known.</param>
    public MaturityComponents Components(MaturityEvidence evidence)
    {
        ArgumentNullException.ThrowIfNull(evidence);
        RequireFinite(evidence);
        var gain = evidence.BackboneLoss - evidence.ExpertLoss;
        return new MaturityComponents(
            Gain: Share(gain, TargetGain(evidence)),
            Flatness: Flatness(evidence, gain),
            Routing: Math.Clamp(evidence.RoutedShare ?? 0, 0, 1),
            Samples: Share(evidence.SamplesSeen, SamplesNeeded));
    }

    /// <summary>Takes new evidence into account.</summary>
    /// <param name="state">The expert's state so far; null for its first evidence.</param>
    /// <param name="evidence">The evidence.</param>
    public MaturityState Update(MaturityState? state, MaturityEvidence evidence)
    {
        Validate();
        var components = Components(evidence, state);
        var value = state is null ? components.Least : (Smoothing * state.Value) + ((1 - Smoothing) * components.Least);
        return Judged(state, value, components, evidence, (state?.Updates ?? 0) + 1, wasLow: state?.Components.Least < ImmatureBelow);
    }

    /// <summary>
    /// Judges the latest evidence again, of which only the routing was measured anew: evidence counts once, however often a router is fitted. The value is what
    /// it would be had the routing been so from the first. A second measurement that is low, and another than the one before, is low twice in a row.
    /// </summary>
    /// <param name="state">The expert's state so far.</param>
    /// <param name="routedShare">Share of own held-out samples routed to the expert; null while no router knows it.</param>
    public MaturityState Reroute(MaturityState state, double? routedShare)
    {
        ArgumentNullException.ThrowIfNull(state);
        Validate();
        var evidence = state.Evidence with { RoutedShare = routedShare };
        var components = Components(evidence, state);
        var weight = state.Updates > 1 ? 1 - Smoothing : 1;
        var value = Math.Clamp(state.Value + (weight * (components.Least - state.Components.Least)), 0, 1);
        var isMeasuredAnew = routedShare != state.Evidence.RoutedShare;
        return Judged(state, value, components, evidence, state.Updates, state.WasLow || (isMeasuredAnew && state.Components.Least < ImmatureBelow));
    }

    /// <summary>Whether evidence is what a state was judged by last, its routing aside.</summary>
    /// <param name="state">The state.</param>
    /// <param name="evidence">The evidence.</param>
    public bool IsKnown(MaturityState state, MaturityEvidence evidence)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(evidence);
        var known = state.Evidence;
        return (known.BackboneLoss, known.ExpertLoss, known.SamplesSeen) == (evidence.BackboneLoss, evidence.ExpertLoss, evidence.SamplesSeen)
            && Last(known).SequenceEqual(Last(evidence));
    }

    /// <summary>For people: how mature, and which component holds the expert back, with its figures.</summary>
    /// <param name="state">The state.</param>
    public string Explain(MaturityState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var (evidence, parts) = (state.Evidence, state.Components);
        var gain = evidence.BackboneLoss - evidence.ExpertLoss;
        (double Value, string Text)[] ranked =
        [
            (parts.Gain, Text($"gain {parts.Gain:0.00}: {gain:0.0000} of {TargetGain(evidence):0.0000} nats/token over the backbone's {evidence.BackboneLoss:0.0000}")),
            (parts.Flatness, evidence.Curve.Count < FlatEvaluations
                ? Text($"flatness {parts.Flatness:0.00}{(parts.Flatness > 0 ? ", as before" : "")}: {evidence.Curve.Count} of {FlatEvaluations} evaluations that it needs")
                : Text($"flatness {parts.Flatness:0.00}: the last {FlatEvaluations} evaluations still gained {RecentFall(evidence):0.0000} nats/token of {gain:0.0000} in all")),
            (parts.Routing, evidence.RoutedShare is { } share
                ? Text($"routing {parts.Routing:0.00}: {100 * share:0.0} % of its own held-out samples reach it")
                : "routing 0.00: no router knows it yet"),
            (parts.Samples, Text($"samples {parts.Samples:0.00}: {evidence.SamplesSeen} of {SamplesNeeded} different ones seen")),
        ];
        var weakest = ranked.MinBy(part => part.Value).Text;
        return state.IsMature
            ? Text($"mature ({state.Value:0.00}, until its evidence is {(parts.Least < ImmatureBelow ? "once more" : "twice in a row")} below {ImmatureBelow:0.00}); weakest is {weakest}")
            : Text($"not mature ({state.Value:0.00} of {MatureAt:0.00}), held back by {(parts.Least >= MatureAt ? "its past: the latest evidence would do, and counts for " + Text($"{1 - Smoothing:0.00}; weakest is ") : "")}{weakest}");
    }

    // A run that was looked at too seldom says nothing of how flat its end was, so what was known of it stays.
    private MaturityComponents Components(MaturityEvidence evidence, MaturityState? before) =>
        before is not null && evidence.Curve.Count < FlatEvaluations ? Components(evidence) with { Flatness = before.Components.Flatness } : Components(evidence);

    private MaturityState Judged(MaturityState? before, double value, MaturityComponents components, MaturityEvidence evidence, int updates, bool wasLow)
    {
        var isLowAgain = wasLow && components.Least < ImmatureBelow;
        var isMature = before is { IsMature: true } ? value >= ImmatureBelow || !isLowAgain : value >= MatureAt;
        return new MaturityState
        {
            Value = value,
            IsMature = isMature,
            Degree = isMature ? 1 : Math.Min(value / MatureAt, Math.BitDecrement(1.0)),
            Components = components,
            Evidence = evidence with { Curve = [.. Last(evidence)] },
            Updates = updates,
            WasLow = wasLow,
        };
    }

    private double TargetGain(MaturityEvidence evidence) => TargetGainNats ?? (TargetGainShare * evidence.BackboneLoss);

    private double Flatness(MaturityEvidence evidence, double gain)
    {
        if (evidence.Curve.Count < FlatEvaluations)
        {
            return 0;
        }

        var fall = RecentFall(evidence);
        return fall <= 0 ? 1 : 1 - Share(fall, gain);
    }

    // What the last evaluations gained by their least-squares line; scale-free once divided by the whole gain.
    private double RecentFall(MaturityEvidence evidence)
    {
        var last = Last(evidence).ToList();
        var (x, y) = (last.Average(point => (double)point.Tokens), last.Average(point => point.Loss));
        var spread = last.Sum(point => (point.Tokens - x) * (point.Tokens - x));
        return spread == 0 ? 0 : -last.Sum(point => (point.Tokens - x) * (point.Loss - y)) / spread * (last[^1].Tokens - last[0].Tokens);
    }

    private IEnumerable<LossPoint> Last(MaturityEvidence evidence) => evidence.Curve.OrderBy(point => point.Tokens).ThenBy(point => point.Loss).TakeLast(FlatEvaluations);

    private static double Share(double part, double whole) => part <= 0 ? 0 : part >= whole ? 1 : part / whole;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static void RequireFinite(MaturityEvidence evidence)
    {
        double[] figures = [evidence.BackboneLoss, evidence.ExpertLoss, evidence.RoutedShare ?? 0, .. evidence.Curve.Select(point => point.Loss)];
        if (!Array.TrueForAll(figures, double.IsFinite))
        {
            throw new ArgumentException($"The evidence holds a figure that is not finite (backbone {evidence.BackboneLoss}, expert {evidence.ExpertLoss}, routed {evidence.RoutedShare}); evaluate again on held-out data that are not empty.", nameof(evidence));
        }
    }
}
