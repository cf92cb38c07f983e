using System.Globalization;

namespace DyLoraMoe.Core.Training;

/// <summary>What a gauge showed.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Value">The value, in nats per token.</param>
/// <param name="Budget">The most that it may be, in nats per token.</param>
public sealed record GaugeReading(string Name, double Value, double Budget)
{
    /// <summary>Whether it is over its budget, or no number.</summary>
    public bool IsOver => !(Value <= Budget);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name} is {Value:G3} of {Budget:G3} nats per token");
}
