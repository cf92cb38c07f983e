namespace DyLoraMoe.Api.Conditions;

/// <summary>Values of a condition.</summary>
public static class ConditionStatus
{
    /// <summary>It is so.</summary>
    public const string True = "True";

    /// <summary>It is not so.</summary>
    public const string False = "False";

    /// <summary>Not decided yet.</summary>
    public const string Unknown = "Unknown";
}
