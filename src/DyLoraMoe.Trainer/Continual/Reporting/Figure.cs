using System.Globalization;
using DyLoraMoe.Core.Evaluation;

namespace DyLoraMoe.Trainer.Continual.Reporting;

/// <summary>Figures as the report writes them.</summary>
internal static class Figure
{
    /// <summary>A number, or a dash where there is none.</summary>
    public static string Of(double value, int decimals) =>
        double.IsFinite(value) ? (Math.Abs(value) < 0.5 * Math.Pow(10, -decimals) ? 0 : value).ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) : "–";

    /// <summary>Mean and half width of the interval.</summary>
    public static string Of(MeanInterval interval, int decimals) => double.IsFinite(interval.HalfWidth)
        ? $"{Of(interval.Mean, decimals)} ± {Of(interval.HalfWidth, decimals)}"
        : Of(interval.Mean, decimals);

    /// <summary>A percentage of a share.</summary>
    public static string Percent(double share, int decimals = 1) => double.IsFinite(share) ? Of(100 * share, decimals) + " %" : "–";

    /// <summary>A whole number with separators.</summary>
    public static string Count(double value) => double.IsFinite(value) ? value.ToString("N0", CultureInfo.InvariantCulture) : "–";
}
