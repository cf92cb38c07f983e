using System.Diagnostics;

namespace DyLoraMoe.Operator.Telemetry;

/// <summary>Where traces come from.</summary>
internal static class OperatorTelemetry
{
    /// <summary>Name of the traces' source and of the meter.</summary>
    public const string Name = "DyLoraMoe.Operator";

    public static ActivitySource Source { get; } = new(Name);
}
