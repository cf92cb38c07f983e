using DyLoraMoe.Core.Growth.Infinite;
using DyLoraMoe.Trainer.Continual.Reporting;
using DyLoraMoe.Trainer.Growth.Infinite;

namespace DyLoraMoe.Benchmarks.Infinite;

/// <summary>Divergence against size at equal cost: fixed sizes as a curve, sizes that found themselves as points.</summary>
internal static class ParetoPlot
{
    private const int Width = 640;
    private const int Height = 320;
    private const int Left = 70;
    private const int Right = 150;
    private const int Top = 40;
    private const int Bottom = 44;

    /// <summary>The picture.</summary>
    /// <param name="axis">What the sizes are of.</param>
    /// <param name="still">Students of fixed sizes.</param>
    /// <param name="free">Students that found theirs.</param>
    public static string Of(UnitAxis axis, IReadOnlyList<InfiniteTrial> still, IReadOnlyList<InfiniteTrial> free)
    {
        var canvas = new SvgCanvas(Width, Height);
        List<InfiniteTrial> all = [.. still, .. free];
        var most = all.Max(trial => trial.Found) + 1.0;
        var (low, high) = (Math.Floor(all.Min(Log)), Math.Ceiling(all.Max(Log)));
        canvas.Text(Left, 22, $"divergence from the teacher, nats per token, against {InfinitePlot.Name(axis)}", size: 13);
        for (var power = low; power <= high; power++)
        {
            canvas.Rule(Left, Y(power), Width - Right, Y(power));
            canvas.Text(Left - 8, Y(power) + 4, FormattableString.Invariant($"1e{power}"), "end", 10, "soft");
        }

        foreach (var size in still.Select(trial => trial.Start).Distinct())
        {
            canvas.Text(X(size), Height - Bottom + 18, FormattableString.Invariant($"{size}"), "middle", 10, "soft");
        }

        canvas.Curve(still.GroupBy(trial => trial.Start).OrderBy(group => group.Key).Select(group => (X(group.Key), Y(group.Average(Log)))), SvgCanvas.Palette[0]);
        Mark(still, SvgCanvas.Palette[0], 0.4);
        Mark(free, SvgCanvas.Palette[1], 1);
        canvas.Text(Width - Right + 34, Top + 10, "fixed", size: 11);
        canvas.Text(Width - Right + 34, Top + 30, "found", size: 11);
        canvas.Line(Width - Right + 12, Top + 6, Width - Right + 28, Top + 6, SvgCanvas.Palette[0], 3);
        canvas.Line(Width - Right + 12, Top + 26, Width - Right + 28, Top + 26, SvgCanvas.Palette[1], 3);
        return canvas.ToString();

        void Mark(IReadOnlyList<InfiniteTrial> shown, string color, double opacity)
        {
            foreach (var trial in shown)
            {
                canvas.Box(X(trial.Found) - 3, Y(Log(trial)) - 3, 6, 6, color, opacity, FormattableString.Invariant($"{trial.Found}: {trial.Divergence:0.0e-0}, seed {trial.Seed}"));
            }
        }

        double X(double size) => Left + ((Width - Right - Left) * size / most);
        double Y(double log) => Top + ((Height - Bottom - Top) * (high - log) / Math.Max(1, high - low));
    }

    private static double Log(InfiniteTrial trial) => Math.Log10(Math.Max(1e-12, trial.Divergence));
}
