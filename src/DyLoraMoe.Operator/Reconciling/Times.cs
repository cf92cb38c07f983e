namespace DyLoraMoe.Operator.Reconciling;

/// <summary>Times as the API has them.</summary>
internal static class Times
{
    /// <summary>A time without fractions of a second, which the API does not keep.</summary>
    public static DateTimeOffset InSeconds(this DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
}
