namespace DyLoraMoe.Sandbox.Kubelet;

/// <summary>When an ended container starts again.</summary>
internal static class RestartRules
{
    /// <summary>A run this long ends a series of crashes.</summary>
    public static readonly TimeSpan Calm = TimeSpan.FromMinutes(10);

    public static bool Restarts(string? podPolicy, string? containerPolicy, bool init, int exitCode) =>
        containerPolicy == "Always"
        || podPolicy switch
        {
            "Never" => false,
            "OnFailure" => exitCode != 0,
            _ => !init || exitCode != 0,
        };

    public static TimeSpan Backoff(int crashes, TimeSpan first, TimeSpan longest) =>
        TimeSpan.FromTicks(Math.Min(longest.Ticks, first.Ticks << Math.Clamp(crashes - 1, 0, 20)));

    /// <summary>The reason of a terminated container, as the kubelet names it.</summary>
    public static string Reason(int exitCode) => exitCode == 0 ? "Completed" : "Error";
}
