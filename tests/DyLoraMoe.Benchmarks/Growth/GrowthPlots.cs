using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Trainer.Continual.Reporting;

namespace DyLoraMoe.Benchmarks.Growth;

/// <summary>The pictures of the comparison.</summary>
internal static class GrowthPlots
{
    private const int Left = 64;
    private const int Top = 40;

    /// <summary>Held-out loss after growth against tokens read since, mean over seeds.</summary>
    /// <param name="arms">Titles and runs.</param>
    public static string Curves(IReadOnlyList<(string Title, IReadOnlyList<GrowthRun> Runs)> arms)
    {
        const int width = 900, right = 330, height = 420, bottom = 48;
        var canvas = new SvgCanvas(width, height);
        var curves = arms.Select(arm => (arm.Title, Points: Mean(arm.Runs))).ToList();
        var all = curves.SelectMany(curve => curve.Points).ToList();
        var (low, high, last) = (all.Min(point => point.Loss), all.Max(point => point.Loss), all.Max(point => point.Tokens));
        (low, high) = (low - (0.03 * (high - low)), high + (0.03 * (high - low)));
        canvas.Text(Left, 22, "held-out nats per token against tokens of data since growth", size: 14);
        for (var tick = 0; tick <= 5; tick++)
        {
            var (value, tokens) = (low + ((high - low) * tick / 5), last * tick / 5.0);
            canvas.Rule(Left, Y(value), width - right, Y(value));
            canvas.Text(Left - 8, Y(value) + 4, Figure.Of(value, 2), "end", style: "soft");
            canvas.Text(X(tokens), height - bottom + 20, Figure.Count(tokens), "middle", 10, "soft");
        }

        for (var index = 0; index < curves.Count; index++)
        {
            var color = SvgCanvas.Palette[index];
            canvas.Curve(curves[index].Points.Select(point => (X(point.Tokens), Y(point.Loss))), color);
            canvas.Line(width - right + 20, Top + 6 + (index * 22), width - right + 44, Top + 6 + (index * 22), color, 3);
            canvas.Text(width - right + 52, Top + 10 + (index * 22), curves[index].Title, size: 11);
        }

        return canvas.ToString();

        double X(double tokens) => Left + ((width - right - Left) * tokens / Math.Max(1, last));
        double Y(double value) => Top + ((height - bottom - Top) * (high - value) / (high - low));
    }

    /// <summary>A figure of every arm with its interval.</summary>
    /// <param name="title">What the figure is.</param>
    /// <param name="arms">Titles and intervals.</param>
    public static string Bars(string title, IReadOnlyList<(string Title, MeanInterval Figure)> arms)
    {
        const int width = 900, left = 330, row = 28, right = 130;
        var canvas = new SvgCanvas(width, Top + (arms.Count * row) + 20);
        var most = arms.Max(arm => double.IsFinite(arm.Figure.HalfWidth) ? arm.Figure.High : arm.Figure.Mean);
        canvas.Text(16, 22, title, size: 14);
        for (var index = 0; index < arms.Count; index++)
        {
            var ((name, figure), y) = (arms[index], Top + (index * row));
            canvas.Text(left - 10, y + 15, name, "end", 12);
            canvas.Box(left, y + 3, Scale(figure.Mean), row - 10, SvgCanvas.Palette[index], title: Figure.Of(figure, 4));
            if (double.IsFinite(figure.HalfWidth))
            {
                canvas.Line(left + Scale(figure.Low), y + 12, left + Scale(figure.High), y + 12, "#7f7f7f", 1.5);
            }

            canvas.Text(left + Scale(double.IsFinite(figure.HalfWidth) ? figure.High : figure.Mean) + 8, y + 15, Figure.Of(figure, 3), size: 11, style: "soft");
        }

        return canvas.ToString();

        double Scale(double value) => (width - left - right) * Math.Max(0, value) / most;
    }

    private static List<(double Tokens, double Loss)> Mean(IReadOnlyList<GrowthRun> runs) => [.. Enumerable.Range(0, runs.Min(run => run.Curve.Count))
        .Select(at => (runs.Average(run => (double)run.Curve[at].Tokens), runs.Average(run => run.Curve[at].ValidationLoss)))];
}
