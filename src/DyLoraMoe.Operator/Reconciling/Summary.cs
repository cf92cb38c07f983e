using DyLoraMoe.Api.Conditions;

namespace DyLoraMoe.Operator.Reconciling;

/// <summary>
/// Conditions from what a visit found, by one rule for all kinds, such that kstatus and Argo read them right: Ready is Unknown while work is under way,
/// and False only together with Stalled.
/// </summary>
internal static class Summary
{
    /// <summary>kstatus' own name for work under way.</summary>
    public const string Reconciling = "Reconciling";

    /// <summary>A call failed more than a few times in a row.</summary>
    public const string Retrying = "Retrying";

    /// <summary>The conditions; what was not looked at keeps how it was, marked with the generation that it was found for.</summary>
    /// <param name="old">The conditions so far.</param>
    /// <param name="findings">What this visit found.</param>
    /// <param name="outcome">How it ended.</param>
    /// <param name="generation">The object's generation.</param>
    /// <param name="now">The time.</param>
    public static IList<Condition> Conditions(IEnumerable<Condition> old, IReadOnlyList<Finding> findings, Outcome outcome, long? generation, DateTimeOffset now)
    {
        List<Condition> conditions = [.. old];
        foreach (var finding in findings)
        {
            conditions.Set(finding.Type, finding.Status, finding.Reason, Shortened(finding.Message), generation, now);
        }

        var (status, reason, message) = outcome switch
        {
            Outcome.Done done => (ConditionStatus.True, done.Reason, done.Message),
            Outcome.Waiting waiting => (ConditionStatus.Unknown, waiting.Reason, waiting.Message),
            Outcome.Stalled stalled => (ConditionStatus.False, stalled.Reason, stalled.Message),
            Outcome.Failed failed => (ConditionStatus.Unknown, Retrying, failed.Error.Message),
            _ => (ConditionStatus.Unknown, Reasons.Pending, "Not all is looked at yet."),
        };
        message = Shortened(message);
        conditions.Set(ConditionTypes.Ready, status, reason, message, generation, now);
        SetOrRemove(ConditionTypes.Stalled, status == ConditionStatus.False);
        SetOrRemove(Reconciling, status == ConditionStatus.Unknown);
        return [.. conditions.OrderBy(condition => condition.Type, StringComparer.Ordinal)];

        void SetOrRemove(string type, bool isSo)
        {
            if (isSo)
            {
                conditions.Set(type, ConditionStatus.True, reason, message, generation, now);
            }
            else
            {
                conditions.Remove(type);
            }
        }
    }

    // As much as a person reads, and as events hold.
    private static string Shortened(string message) => StatusBounds.Cut(message, 1024);
}
