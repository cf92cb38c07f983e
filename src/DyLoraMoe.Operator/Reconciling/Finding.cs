using DyLoraMoe.Api.Conditions;

namespace DyLoraMoe.Operator.Reconciling;

/// <summary>One aspect of how an object is, found by a phase; it becomes a condition.</summary>
internal sealed record Finding(string Type, string Status, string Reason, string Message)
{
    public static Finding True(string type, string reason, string message) => new(type, ConditionStatus.True, reason, message);

    public static Finding False(string type, string reason, string message) => new(type, ConditionStatus.False, reason, message);

    public static Finding Unknown(string type, string reason, string message) => new(type, ConditionStatus.Unknown, reason, message);
}
