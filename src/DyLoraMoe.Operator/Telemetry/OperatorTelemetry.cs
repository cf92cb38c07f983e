using System.Diagnostics;

namespace DyLoraMoe.Operator.Telemetry;

/// <summary>Where traces come from.</summary>
internal static class OperatorTelemetry
{
    /// <summary>Name of the traces' source and of the meter.</summary>
    public const string Name = "DyLoraMoe.Operator";

    /// <summary>Meters whose figures are told: this operator's, KubeOps', and those of .NET itself.</summary>
    public static string[] Meters { get; } = [Name, "dylora-operator", "System.Runtime"];

    public static ActivitySource Source { get; } = new(Name);
}
