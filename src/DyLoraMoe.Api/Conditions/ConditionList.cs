namespace DyLoraMoe.Api.Conditions;

/// <summary>Reading and writing conditions in a list that holds each type once.</summary>
public static class ConditionList
{
    /// <summary>
    /// Sets a condition. <see cref="Condition.LastTransitionTime"/> moves only when the status becomes another, so setting the same again changes nothing.
    /// </summary>
    /// <param name="conditions">The list, changed in place.</param>
    /// <param name="type">One of <see cref="ConditionTypes"/>.</param>
    /// <param name="status">One of <see cref="ConditionStatus"/>.</param>
    /// <param name="reason">One of <see cref="Reasons"/>.</param>
    /// <param name="message">A sentence for a person.</param>
    /// <param name="generation">The resource's generation.</param>
    /// <param name="now">The time; kept in whole seconds, as Kubernetes keeps it.</param>
    /// <returns>Whether anything but the time changed.</returns>
    public static bool Set(this IList<Condition> conditions, string type, string status, string reason, string message, long? generation, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(conditions);
        var old = conditions.Find(type);
        var condition = new Condition
        {
            Type = type,
            Status = status,
            Reason = reason,
            Message = message,
            ObservedGeneration = generation,
            LastTransitionTime = old?.Status == status ? old.LastTransitionTime : WholeSeconds(now),
        };

        if (old is null)
        {
            conditions.Add(condition);
            return true;
        }

        conditions[conditions.IndexOf(old)] = condition;
        return old != condition;
    }

    /// <summary>Removes a condition, such as Stalled when it no longer is.</summary>
    /// <param name="conditions">The list, changed in place.</param>
    /// <param name="type">One of <see cref="ConditionTypes"/>.</param>
    /// <returns>Whether it was there.</returns>
    public static bool Remove(this IList<Condition> conditions, string type) => conditions.Find(type) is { } condition && conditions.Remove(condition);

    /// <summary>The condition of a type; null when there is none.</summary>
    /// <param name="conditions">The list.</param>
    /// <param name="type">One of <see cref="ConditionTypes"/>.</param>
    public static Condition? Find(this IEnumerable<Condition> conditions, string type) => conditions.FirstOrDefault(condition => condition.Type == type);

    /// <summary>Whether a condition is True.</summary>
    /// <param name="conditions">The list.</param>
    /// <param name="type">One of <see cref="ConditionTypes"/>.</param>
    public static bool IsTrue(this IEnumerable<Condition> conditions, string type) => conditions.Find(type)?.Status == ConditionStatus.True;

    /// <summary>Whether a condition is False, which is not the same as not being True.</summary>
    /// <param name="conditions">The list.</param>
    /// <param name="type">One of <see cref="ConditionTypes"/>.</param>
    public static bool IsFalse(this IEnumerable<Condition> conditions, string type) => conditions.Find(type)?.Status == ConditionStatus.False;

    private static DateTimeOffset WholeSeconds(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
}
