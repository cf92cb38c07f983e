using DyLoraMoe.Core.Growth.Infinite;
using DyLoraMoe.Trainer.Continual.Reporting;

namespace DyLoraMoe.Trainer.Growth.Infinite;

/// <summary>Boundaries, masses and losses of a formally infinite network over its steps, one below the other.</summary>
internal static class InfinitePlot
{
    private const int Width = 760;
    private const int Left = 70;
    private const int Right = 180;
    private const int Panel = 150;
    private const int Gap = 44;

    /// <summary>The picture.</summary>
    /// <param name="trace">What the run noted; at least one point.</param>
    public static string Of(IReadOnlyList<TracePoint> trace)
    {
        var axes = trace[0].Axes.Select(axis => axis.Axis).ToList();
        var canvas = new SvgCanvas(Width, Gap + (3 * (Panel + Gap)));
        Draw(canvas, 0, "units", trace, [.. axes.SelectMany((axis, at) => new[]
        {
            new Series($"{Name(axis)}: boundary", SvgCanvas.Palette[2 * at], IsDashed: true, point => point.Axes[at].Boundary),
            new Series($"{Name(axis)}: with mass", SvgCanvas.Palette[(2 * at) + 1], IsDashed: false, point => point.Axes[at].Massive),
        })]);
        Draw(canvas, 1, "mass, as a share of the most there was", trace, [.. axes.Select((axis, at) =>
        {
            var most = Math.Max(1e-30, trace.Max(point => point.Axes[at].Mass));
            return new Series(Name(axis), SvgCanvas.Palette[(2 * at) + 1], IsDashed: false, point => point.Axes[at].Mass / most);
        })]);
        Draw(canvas, 2, "training loss, nats per token", trace, [new Series("loss", SvgCanvas.Palette[4], IsDashed: false, point => point.Loss)]);
        return canvas.ToString();
    }

    /// <summary>An axis's name on the command line and in pictures.</summary>
    public static string Name(UnitAxis axis) => axis switch
    {
        UnitAxis.FeedForward => "feed-forward",
        _ => axis.ToString().ToLowerInvariant(),
    };

    private static void Draw(SvgCanvas canvas, int panel, string title, IReadOnlyList<TracePoint> trace, IReadOnlyList<Series> all)
    {
        var top = Gap + (panel * (Panel + Gap));
        var (last, most) = (Math.Max(1, trace[^1].Step), Math.Max(1e-9, all.Max(series => trace.Max(point => series.Value(point) ?? 0))));
        canvas.Text(Left, top - 12, title, size: 13);
        for (var tick = 0; tick <= 4; tick++)
        {
            var y = top + Panel - (Panel * tick / 4.0);
            canvas.Rule(Left, y, Width - Right, y);
            canvas.Text(Left - 8, y + 4, Figure.Of(most * tick / 4, most < 8 ? 2 : 0), "end", 10, "soft");
            canvas.Text(Left + ((Width - Right - Left) * tick / 4.0), top + Panel + 16, Figure.Count(last * tick / 4.0), "middle", 10, "soft");
        }

        foreach (var (at, series) in all.Index())
        {
            canvas.Curve(trace.Where(point => series.Value(point) is not null).Select(point => (X(point.Step), top + Panel - (Panel * series.Value(point)!.Value / most))), series.Color, series.IsDashed);
            canvas.Line(Width - Right + 12, top + 6 + (at * 18), Width - Right + 30, top + 6 + (at * 18), series.Color, 3);
            canvas.Text(Width - Right + 36, top + 10 + (at * 18), series.Title, size: 11);
        }

        double X(int step) => Left + ((Width - Right - Left) * (double)step / last);
    }

    private sealed record Series(string Title, string Color, bool IsDashed, Func<TracePoint, double?> Value);
}
