using System.Globalization;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Trainer.Continual.Arms;
using DyLoraMoe.Trainer.Continual.Running;

namespace DyLoraMoe.Trainer.Continual.Reporting;

/// <summary>The pictures of one stream.</summary>
internal static class Plots
{
    private const int Left = 64;
    private const int Top = 40;

    /// <summary>The mean score of the skills seen so far, stage by stage.</summary>
    public static string Accuracy(BenchResults results)
    {
        const int width = 860, right = 260, height = 420, bottom = 48;
        var canvas = new SvgCanvas(width, height);
        var arms = results.Arms.Where(arm => results.Of(arm.Name).All(BenchResults.LearnsInStages)).ToList();
        var curves = arms.ToDictionary(arm => arm.Name, arm => Curve(results.Of(arm.Name)));
        if (curves.Count == 0)
        {
            return canvas.ToString();
        }

        var all = curves.Values.SelectMany(curve => curve).ToList();
        var (low, high) = results.IsExactMatch ? (0.0, 1.0) : (all.Min() - 0.05, all.Max() + 0.05);
        var stages = curves.Values.Max(curve => curve.Length);
        canvas.Text(Left, 22, results.IsExactMatch ? $"{results.Plan.Stream}: exact answers, mean of the skills seen so far" : $"{results.Plan.Stream}: -nats per token, mean of the skills seen so far", size: 14);
        for (var tick = 0; tick <= 5; tick++)
        {
            var value = low + ((high - low) * tick / 5);
            canvas.Rule(Left, Y(value), width - right, Y(value));
            canvas.Text(Left - 8, Y(value) + 4, Figure.Of(value, 2), "end", style: "soft");
        }

        for (var stage = 1; stage <= stages; stage++)
        {
            canvas.Text(X(stage), height - bottom + 20, stage.ToString(CultureInfo.InvariantCulture), "middle", style: "soft");
        }

        canvas.Text((Left + width - right) / 2.0, height - 10, "visits", "middle", style: "soft");
        for (var index = 0; index < arms.Count; index++)
        {
            var (arm, color) = (arms[index], ColorOf(arms[index]));
            canvas.Curve(curves[arm.Name].Select((value, stage) => (X(stage + 1), Y(value))), color, arm.IsUpperBound);
            canvas.Line(width - right + 20, Top + 6 + (index * 22), width - right + 44, Top + 6 + (index * 22), color, 3);
            canvas.Text(width - right + 52, Top + 10 + (index * 22), arm.Title, size: 11);
        }

        return canvas.ToString();

        double X(double stage) => Left + ((width - right - Left) * (stage - 1) / Math.Max(1, stages - 1));
        double Y(double value) => Top + ((height - bottom - Top) * (high - value) / (high - low));
    }

    /// <summary>Forgetting of every arm with its interval.</summary>
    public static string Forgetting(BenchResults results)
    {
        const int width = 860, left = 280, row = 28;
        var arms = results.Arms.Where(arm => double.IsFinite(results.Interval(arm.Name, BenchResults.Forgetting).Mean)).ToList();
        var canvas = new SvgCanvas(width, Top + (arms.Count * row) + 40);
        var figures = arms.ConvertAll(arm => results.Interval(arm.Name, BenchResults.Forgetting));
        var most = Math.Max(0.01, figures.Select(End).DefaultIfEmpty(1).Max());
        canvas.Text(16, 22, $"{results.Plan.Stream}: forgetting ({(results.IsExactMatch ? "share of exact answers lost" : "nats per token lost")})", size: 14);
        for (var index = 0; index < arms.Count; index++)
        {
            var (figure, y) = (figures[index], Top + (index * row));
            var length = Scale(figure.Mean);
            canvas.Text(left - 10, y + 15, arms[index].Title, "end", 12);
            canvas.Box(left, y + 3, Math.Max(1, length), row - 10, ColorOf(arms[index]), title: Figure.Of(figure, 3));
            if (double.IsFinite(figure.HalfWidth))
            {
                canvas.Line(left + Scale(figure.Low), y + 12, left + Scale(figure.High), y + 12, "#7f7f7f", 1.5);
            }

            canvas.Text(left + Scale(End(figure)) + 8, y + 15, Figure.Of(figure, 3), size: 11, style: "soft");
        }

        canvas.Rule(left, Top, left, Top + (arms.Count * row));
        return canvas.ToString();

        double Scale(double value) => (width - left - 130) * Math.Max(0, value) / most;
        static double End(MeanInterval figure) => double.IsFinite(figure.HalfWidth) ? figure.High : figure.Mean;
    }

    /// <summary>The score of every arm on every skill after the last visit.</summary>
    public static string Final(BenchResults results)
    {
        const int left = 280, top = 96, cell = 64, row = 30;
        var skills = results.Of(results.Arms[0].Name)[0].Skills.Order(StringComparer.Ordinal).ToList();
        var canvas = new SvgCanvas(left + (skills.Count * cell) + 20, top + (results.Arms.Count * row) + 16);
        var means = results.Arms.Select(arm => skills.ConvertAll(skill => results.Interval(arm.Name, record => Last(record, skill)).Mean)).ToList();
        var (low, high) = results.IsExactMatch ? (0, 1) : (means.SelectMany(row => row).Min(), means.SelectMany(row => row).Max());
        canvas.Text(16, 22, $"{results.Plan.Stream}: {(results.IsExactMatch ? "exact answers" : "-nats per token")} after the last visit", size: 14);
        for (var column = 0; column < skills.Count; column++)
        {
            canvas.Text(left + (column * cell) + (cell / 2), top - (column % 2 == 0 ? 10 : 28), skills[column], "middle", 11);
        }

        for (var index = 0; index < means.Count; index++)
        {
            canvas.Text(left - 10, top + (index * row) + 19, results.Arms[index].Title, "end", 12);
            for (var column = 0; column < skills.Count; column++)
            {
                var value = means[index][column];
                var share = high > low ? (value - low) / (high - low) : 1;
                canvas.Box(left + (column * cell) + 1, top + (index * row) + 1, cell - 2, row - 2, "#0072b2", 0.08 + (0.72 * share), $"{results.Arms[index].Title}, {skills[column]}: {Figure.Of(value, 3)}");
                canvas.Text(left + (column * cell) + (cell / 2), top + (index * row) + 19, Figure.Of(value, 2), "middle", 11);
            }
        }

        return canvas.ToString();
    }

    private static double Last(ArmRunRecord record, string skill)
    {
        var matrix = BenchResults.Matrix(record);
        return matrix[matrix.Stages, record.Skills.ToList().IndexOf(skill)];
    }

    private static double[] Curve(IReadOnlyList<ArmRunRecord> records)
    {
        var matrices = records.Select(BenchResults.Matrix).ToList();
        return [.. Enumerable.Range(1, matrices.Min(matrix => matrix.Stages)).Select(stage => matrices.Average(matrix => matrix.AverageOfSeen(stage)))];
    }

    private static string ColorOf(ArmDefinition arm) => SvgCanvas.Palette[ArmCatalog.All.ToList().FindIndex(each => each.Name == arm.Name) % SvgCanvas.Palette.Count];
}
