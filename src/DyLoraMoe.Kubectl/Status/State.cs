using DyLoraMoe.Api.Conditions;

namespace DyLoraMoe.Kubectl.Status;

/// <summary>How an object is, by its Ready condition.</summary>
/// <param name="Word">Ready, Failed, or what goes on.</param>
/// <param name="Color">The colour that it is shown in.</param>
/// <param name="Reason">The condition's reason.</param>
/// <param name="Message">The condition's message.</param>
internal sealed record State(string Word, string Color, string Reason, string Message)
{
    /// <summary>Whether it is done.</summary>
    public bool IsReady => Word == "Ready";

    /// <summary>Whether only a person can help.</summary>
    public bool IsFailed => Word == "Failed";

    /// <summary>That of what the caller may not see.</summary>
    public static State Hidden { get; } = new("Unknown", "grey", "Forbidden", "You have no right to see it.");

    /// <summary>The state that conditions stand for.</summary>
    public static State Of(IEnumerable<Condition> conditions) => conditions.Find(ConditionTypes.Ready) switch
    {
        null => new("Pending", "yellow", Reasons.Pending, "The operator has not looked at it yet."),
        { Status: ConditionStatus.True } ready => new("Ready", "green", ready.Reason, ready.Message),
        { Status: ConditionStatus.False } ready => new("Failed", "red", ready.Reason, ready.Message),
        var ready => new(ready.Reason, "yellow", ready.Reason, ready.Message),
    };
}
