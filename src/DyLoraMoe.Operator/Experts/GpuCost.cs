using System.Globalization;

namespace DyLoraMoe.Operator.Experts;

/// <summary>What an expert's trainings cost on GPUs, up to a version: as an annotation <c>version:seconds</c>, so that a version is counted once.</summary>
internal readonly record struct GpuCost(int Version, long Seconds)
{
    public static GpuCost Parse(string? text) =>
        text?.Split(':') is [var version, var seconds]
        && int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var sum)
            ? new(number, sum)
            : default;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Version}:{Seconds}");
}
