using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Trainer.Continual.Reporting;

namespace DyLoraMoe.Benchmarks;

/// <summary>Pictures of what was measured.</summary>
internal static class Charts
{
    private const int Left = 64;
    private const int Top = 40;

    /// <summary>Curves with a legend.</summary>
    /// <param name="title">What is drawn against what.</param>
    /// <param name="curves">Titles and points.</param>
    public static string Lines(string title, IReadOnlyList<(string Title, IReadOnlyList<(double X, double Y)> Points)> curves)
    {
        const int width = 900, right = 330, height = 420, bottom = 48;
        var canvas = new SvgCanvas(width, height);
        var all = curves.SelectMany(curve => curve.Points).ToList();
        var (low, high, last) = (all.Min(point => point.Y), all.Max(point => point.Y), all.Max(point => point.X));
        (low, high) = (low - (0.03 * (high - low)), high + (0.03 * (high - low)));
        canvas.Text(Left, 22, title, size: 14);
        for (var tick = 0; tick <= 5; tick++)
        {
            var (value, at) = (low + ((high - low) * tick / 5), last * tick / 5.0);
            canvas.Rule(Left, Y(value), width - right, Y(value));
            canvas.Text(Left - 8, Y(value) + 4, Figure.Of(value, high - low < 10 ? 2 : 0), "end", style: "soft");
            canvas.Text(X(at), height - bottom + 20, Figure.Count(at), "middle", 10, "soft");
        }

        for (var index = 0; index < curves.Count; index++)
        {
            var color = SvgCanvas.Palette[index];
            canvas.Curve(curves[index].Points.Select(point => (X(point.X), Y(point.Y))), color);
            canvas.Line(width - right + 20, Top + 6 + (index * 22), width - right + 44, Top + 6 + (index * 22), color, 3);
            canvas.Text(width - right + 52, Top + 10 + (index * 22), curves[index].Title, size: 11);
        }

        return canvas.ToString();

        double X(double at) => Left + ((width - right - Left) * at / Math.Max(1, last));
        double Y(double value) => Top + ((height - bottom - Top) * (high - value) / (high - low));
    }

    /// <summary>A figure of every arm with its interval.</summary>
    /// <param name="title">What the figure is.</param>
    /// <param name="arms">Titles and intervals.</param>
    /// <param name="decimals">Of the figures.</param>
    public static string Bars(string title, IReadOnlyList<(string Title, MeanInterval Figure)> arms, int decimals = 3)
    {
        const int width = 900, left = 330, row = 28, right = 130;
        var canvas = new SvgCanvas(width, Top + (arms.Count * row) + 20);
        var most = arms.Max(arm => double.IsFinite(arm.Figure.HalfWidth) ? arm.Figure.High : arm.Figure.Mean);
        canvas.Text(16, 22, title, size: 14);
        for (var index = 0; index < arms.Count; index++)
        {
            var ((name, figure), y) = (arms[index], Top + (index * row));
            canvas.Text(left - 10, y + 15, name, "end", 12);
            canvas.Box(left, y + 3, Scale(figure.Mean), row - 10, SvgCanvas.Palette[index], title: Figure.Of(figure, decimals + 1));
            if (double.IsFinite(figure.HalfWidth))
            {
                canvas.Line(left + Scale(figure.Low), y + 12, left + Scale(figure.High), y + 12, "#7f7f7f", 1.5);
            }

            canvas.Text(left + Scale(double.IsFinite(figure.HalfWidth) ? figure.High : figure.Mean) + 8, y + 15, Figure.Of(figure, decimals), size: 11, style: "soft");
        }

        return canvas.ToString();

        double Scale(double value) => (width - left - right) * Math.Max(0, value) / most;
    }
}
