using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Operator.Jobs;

namespace DyLoraMoe.Operator.Reconciling;

/// <summary>Which changes of conditions are told in events: pure rules.</summary>
internal static class News
{
    /// <summary>Whether a condition as it is now is to be told of.</summary>
    /// <param name="old">How it was; null for not at all.</param>
    /// <param name="now">How it is.</param>
    public static bool IsOne(Condition? old, Condition now) =>
        (old is null || old.Status != now.Status || old.Reason != now.Reason || (old.Message != now.Message && IsVerdict(now)))
        && now.Type is not (ConditionTypes.Stalled or Summary.Reconciling)
        && now.Reason != Reasons.Pending;

    // Other words of a refusal tell of another refusal. Those of what is under way only tell how far it is, those of maturity change with every set, and those of a
    // bucket with each of its answers.
    private static bool IsVerdict(Condition condition) =>
        condition.Status == ConditionStatus.False && condition.Type != ConditionTypes.Mature && !BucketTroubles.IsOne(condition.Reason);
}
